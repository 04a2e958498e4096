namespace Darter.Transport;

/// <summary>Work on its way from any thread to a loop, in order.</summary>
internal sealed class PostQueue
{
    private readonly Lock _gate = new();
    private ILoopWork?[] _waiting = new ILoopWork?[32];
    private ILoopWork?[] _spare = new ILoopWork?[32];
    private int _count;
    private bool _closed;

    /// <summary>Whether nothing waits. Exact on the adding thread, a hint on others.</summary>
    internal bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>Appends work.</summary>
    /// <returns>False when the queue is closed.</returns>
    internal bool TryAdd(ILoopWork work)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            if (_count == _waiting.Length)
            {
                Array.Resize(ref _waiting, _count * 2);
            }

            _waiting[_count] = work;
            Volatile.Write(ref _count, _count + 1);
            return true;
        }
    }

    /// <summary>Takes everything that waits. The caller clears the entries and is done with them before it calls again.</summary>
    internal Span<ILoopWork?> TakeAll()
    {
        lock (_gate)
        {
            ILoopWork?[] batch = _waiting;
            int count = _count;
            _waiting = _spare;
            _spare = batch;
            Volatile.Write(ref _count, 0);
            return batch.AsSpan(0, count);
        }
    }

    /// <summary>Refuses further work. What waits already can still be taken.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }
}
