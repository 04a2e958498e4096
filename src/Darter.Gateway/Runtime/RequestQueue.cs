namespace Darter.Gateway.Runtime;

/// <summary>Requests that came while another one ran, in order of arrival. It keeps its entries for reuse.</summary>
internal sealed class RequestQueue
{
    private readonly Queue<QueuedRequest> _waiting = new();
    private readonly Stack<QueuedRequest> _spare = new();

    /// <summary>Number of requests waiting.</summary>
    public int Count => _waiting.Count;

    /// <summary>Adds a request; its head is copied.</summary>
    public void Add(uint stream, ReadOnlySpan<byte> head, RequestBody? body)
    {
        QueuedRequest request = _spare.Count > 0 ? _spare.Pop() : new QueuedRequest();
        request.Set(stream, head, body);
        _waiting.Enqueue(request);
    }

    /// <summary>Takes the oldest; give it back with <see cref="Recycle"/>.</summary>
    public QueuedRequest Take() => _waiting.Dequeue();

    /// <summary>Takes an entry back for reuse.</summary>
    public void Recycle(QueuedRequest request) => _spare.Push(request);

    /// <summary>The waiting request of a stream, or null.</summary>
    public QueuedRequest? Find(uint stream)
    {
        foreach (QueuedRequest request in _waiting)
        {
            if (request.Stream == stream)
            {
                return request;
            }
        }

        return null;
    }
}
