namespace Darter.Workers;

/// <summary>
/// What a channel's application takes for a request, measured by the worker: follows a longer time at once and a shorter
/// one by an eighth, since sending ahead to a slow application costs more than not sending ahead to a fast one.
/// </summary>
internal sealed class ServiceTime
{
    /// <summary>Most work that may wait in a worker, in nanoseconds.</summary>
    internal const long WorkAhead = 200_000;

    private const int MaxDepth = 64;

    private long _nanoseconds = WorkAhead;

    /// <summary>The estimate, in nanoseconds, at least 1.</summary>
    internal long Nanoseconds => _nanoseconds;

    /// <summary>How many requests a channel may hold at a time.</summary>
    internal int Depth { get; private set; } = 1;

    /// <summary>Takes a measured time, in nanoseconds, into account.</summary>
    internal void Observe(long nanoseconds)
    {
        _nanoseconds = nanoseconds >= _nanoseconds ? nanoseconds : _nanoseconds + ((nanoseconds - _nanoseconds) >> 3);
        Depth = (int)Math.Clamp(WorkAhead / Math.Max(_nanoseconds, 1), 1, MaxDepth);
    }
}
