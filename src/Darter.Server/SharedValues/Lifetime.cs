namespace Darter.Server.SharedValues;

/// <summary>How long a value is kept.</summary>
/// <param name="Milliseconds">From now on; 0: it is gone at once; negative: without end.</param>
internal readonly record struct Lifetime(long Milliseconds)
{
    // From here on the protocol means a date: protocol.txt, "Expiration times".
    private const long MostSeconds = 30 * 24 * 60 * 60;

    /// <summary>Until it is deleted, or there is no room.</summary>
    internal static Lifetime Endless { get; } = new(-1);

    /// <summary>Whether it has no end.</summary>
    internal bool IsEndless => Milliseconds < 0;

    /// <summary>Whether it is over at once.</summary>
    internal bool IsOver => Milliseconds == 0;

    /// <summary>An expiration time of memcached's protocol.</summary>
    internal static Lifetime Of(long exptime, DateTimeOffset now)
    {
        if (exptime == 0)
        {
            return Endless;
        }

        if (exptime is > 0 and <= MostSeconds)
        {
            return new Lifetime(exptime * 1000);
        }

        // A date that no clock shows is as good as none.
        return exptime > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? Endless
            : new Lifetime(Math.Max(0, (Math.Max(0, exptime) * 1000) - now.ToUnixTimeMilliseconds()));
    }
}
