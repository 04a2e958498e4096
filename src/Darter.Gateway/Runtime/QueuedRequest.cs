namespace Darter.Gateway.Runtime;

/// <summary>A request that came while another one ran: a copy of its head, and its body if it has one. Reused.</summary>
internal sealed class QueuedRequest
{
    private byte[] _head = [];
    private int _length;

    /// <summary>Its stream.</summary>
    public uint Stream { get; private set; }

    /// <summary>What has come of its body; null if it has none.</summary>
    public RequestBody? Body { get; private set; }

    /// <summary>Whether the front has said that nobody wants the answer.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>The payload of its REQUEST frame.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, _length);

    /// <summary>Fills it.</summary>
    public void Set(uint stream, ReadOnlySpan<byte> head, RequestBody? body)
    {
        if (_head.Length < head.Length)
        {
            _head = new byte[Math.Max(1024, head.Length)];
        }

        head.CopyTo(_head);
        _length = head.Length;
        Stream = stream;
        Body = body;
        IsCancelled = false;
    }
}
