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

    /// <summary>
    /// Up to this many nanoseconds one request is sent ahead in any case: else the worker would sleep after each request until
    /// the front has woken and then woken it, which costs it more than a little of such a time.
    /// </summary>
    internal const long WorthOneAhead = 1_000_000;

    private const int MaxDepth = 64;

    /// <summary>How many requests long a long time is remembered, in wait for a second one.</summary>
    private const int Memory = 64;

    private long _nanoseconds = WorkAhead;
    private long _longest = WorkAhead;
    private long _typical = WorthOneAhead;
    private int _age;

    /// <summary>The estimate, in nanoseconds, at least 1.</summary>
    internal long Nanoseconds => _nanoseconds;

    /// <summary>How many requests a channel may hold at a time.</summary>
    internal int Depth { get; private set; } = 1;

    /// <summary>Takes a measured time, in nanoseconds, into account.</summary>
    internal void Observe(long nanoseconds)
    {
        // Follows the median: what is shorter pulls down as much as what is longer pulls up.
        _typical += nanoseconds > _typical ? (_typical >> 3) + 1 : -(_typical >> 3);
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

        int depth = (int)Math.Clamp(WorkAhead / Math.Max(_nanoseconds, 1), 1, MaxDepth);
        Depth = depth == 1 && _typical < WorthOneAhead ? 2 : depth;
    }
}
