namespace Darter.Server.Observability;

/// <summary>Makes ids of requests: 13 characters, base 32, counted up from the time of the start, so that they sort by age.</summary>
internal static class RequestIdGenerator
{
    private const int Length = 13;

    private static long _last = DateTime.UtcNow.Ticks;

    private static ReadOnlySpan<byte> Digits => "0123456789ABCDEFGHIJKLMNOPQRSTUV"u8;

    /// <summary>The next id. Any thread.</summary>
    internal static string Next() => string.Create(Length, Interlocked.Increment(ref _last), static (characters, id) =>
    {
        for (int i = Length - 1; i >= 0; i--)
        {
            characters[i] = (char)Digits[(int)(id & 31)];
            id >>= 5;
        }
    });
}
