namespace Darter.Workers;

/// <summary>
/// What a channel's application takes for a request, measured by the worker: follows a longer time once it was seen
/// twice, and a shorter one by an eighth, since sending ahead to a slow application costs more than not sending ahead to a
/// fast one. A single long time among many is that of a process that the system interrupted.
/// </summary>
internal sealed class ServiceTime
{
    /// <summary>Most work that may wait in a worker, in nanoseconds.</summary>
    internal const long WorkAhead = 200_000;

    private const int MaxDepth = 64;

    /// <summary>How many requests long a long time is remembered, in wait for a second one.</summary>
    private const int Memory = 64;

    private long _nanoseconds = WorkAhead;
    private long _longest = WorkAhead;
    private int _age;

    /// <summary>The estimate, in nanoseconds, at least 1.</summary>
    internal long Nanoseconds => _nanoseconds;

    /// <summary>How many requests a channel may hold at a time.</summary>
    internal int Depth { get; private set; } = 1;

    /// <summary>Takes a measured time, in nanoseconds, into account.</summary>
    internal void Observe(long nanoseconds)
    {
        if (++_age > Memory)
        {
            _longest = 0;
        }

        long seenTwice = Math.Min(nanoseconds, _longest);
        if (nanoseconds >= _longest)
        {
            _longest = nanoseconds;
            _age = 0;
        }

        if (seenTwice >= _nanoseconds)
        {
            _nanoseconds = seenTwice;
        }
        else if (nanoseconds < _nanoseconds)
        {
            _nanoseconds += (nanoseconds - _nanoseconds) >> 3;
        }

        SetDepth();
    }

    /// <summary>Takes into account that a request has been running for so many nanoseconds; what is behind it waits.</summary>
    internal void ObserveRunning(long nanoseconds)
    {
        _nanoseconds = Math.Max(_nanoseconds, nanoseconds);
        SetDepth();
    }

    private void SetDepth() => Depth = (int)Math.Clamp(WorkAhead / Math.Max(_nanoseconds, 1), 1, MaxDepth);
}
