using System.Globalization;
using System.Text;

namespace Darter.Server.Observability;

/// <summary>The time as the access log writes it, made once a second. Any thread.</summary>
internal sealed class LogClock(TimeProvider time)
{
    private Text? _text;

    /// <summary><c>[24/Nov/2026:10:02:03 +0000]</c>.</summary>
    internal ReadOnlySpan<byte> Common => Now().Common;

    private Text Now()
    {
        DateTimeOffset utc = time.GetUtcNow();
        long second = utc.UtcTicks / TimeSpan.TicksPerSecond;
        if (Volatile.Read(ref _text) is { } text && text.Second == second)
        {
            return text;
        }

        DateTimeOffset local = TimeZoneInfo.ConvertTime(utc, time.LocalTimeZone);
        string offset = local.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
        string common = string.Create(CultureInfo.InvariantCulture, $"[{local:dd/MMM/yyyy:HH:mm:ss} {offset}]");
        text = new Text(second, Encoding.ASCII.GetBytes(common));
        Volatile.Write(ref _text, text);
        return text;
    }

    private sealed record Text(long Second, byte[] Common);
}
