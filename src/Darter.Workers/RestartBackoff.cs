namespace Darter.Workers;

/// <summary>
/// How long to wait before a worker that died is replaced: not at all when it had served for a while, then longer with
/// each that dies young, so that a crash loop does not burn a core.
/// </summary>
internal sealed class RestartBackoff
{
    // Long against the time that an interpreter takes to start.
    private static readonly TimeSpan Served = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private int _young;

    /// <summary>A worker died that had been ready for <paramref name="uptime"/>, zero when it never was. Returns the wait.</summary>
    internal TimeSpan Next(TimeSpan uptime)
    {
        if (uptime >= Served)
        {
            _young = 0;
            return TimeSpan.Zero;
        }

        // The first is replaced at once too: one crash is no loop.
        int exponent = _young++ - 1;
        return exponent < 0 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(First.Ticks << Math.Min(exponent, 16), Longest.Ticks));
    }
}
