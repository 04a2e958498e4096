namespace Darter.Server.Tests.Hub;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class HubClock : TimeProvider
{
    private TimeSpan _now = TimeSpan.FromDays(20_000);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + _now;

    internal void Pass(TimeSpan time) => _now += time;
}
