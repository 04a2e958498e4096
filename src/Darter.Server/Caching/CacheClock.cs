namespace Darter.Server.Caching;

/// <summary>The time for ages, which no correction of the system's clock moves, and the date for comparing with what answers say.</summary>
internal sealed class CacheClock(TimeProvider time)
{
    /// <summary>Milliseconds since some moment.</summary>
    internal long Milliseconds => (long)time.GetElapsedTime(0, time.GetTimestamp()).TotalMilliseconds;

    /// <summary>The date.</summary>
    internal DateTimeOffset Now => time.GetUtcNow();

    /// <summary>A timer that goes off once.</summary>
    internal ITimer After(TimeSpan delay, Action action) =>
        time.CreateTimer(static state => ((Action)state!)(), action, delay, Timeout.InfiniteTimeSpan);
}
