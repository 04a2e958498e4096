namespace Darter.Transport;

/// <summary>Makes connection ids like Kestrel's: 13 characters, base 32, counted up from the time of the start.</summary>
internal static class ConnectionIdGenerator
{
    private const int Length = 13;
    private static ReadOnlySpan<byte> Digits => "0123456789ABCDEFGHIJKLMNOPQRSTUV"u8;

    private static long _last = DateTime.UtcNow.Ticks;

    internal static string Next() => string.Create(Length, Interlocked.Increment(ref _last), static (characters, id) =>
    {
        for (int i = Length - 1; i >= 0; i--)
        {
            characters[i] = (char)Digits[(int)(id & 31)];
            id >>= 5;
        }
    });
}
