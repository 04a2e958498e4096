using System.Globalization;
using System.Text;

namespace Darter.Server.Observability;

/// <summary>
/// A line of the access log for whoever sits at a terminal: time, method, status, duration and size in columns, then the
/// target, which may be long.
/// </summary>
internal sealed class ReadableAccessLine(TimeProvider time, bool isColored)
{
    private const int MethodWidth = 7;
    private const int NumberWidth = 9;

    /// <summary>Appends the line.</summary>
    internal void Write(LineBuffer line, scoped in RequestRecord record)
    {
        Paint(line, "2", time.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture));
        line.Append("  "u8);
        line.AppendEscaped(record.Request.Method);
        line.Append(Spaces(MethodWidth - record.Request.Method.Length));
        Paint(line, ColorOf(record), record.Status.ToString(CultureInfo.InvariantCulture));
        AppendRight(line, DurationOf(record.Elapsed));
        AppendRight(line, SizeOf(record.Bytes));
        line.Append("  "u8);
        line.AppendEscaped(record.Request.RawTarget);
        if (record.End == RequestEnd.BrokenOff)
        {
            Paint(line, "31", "  broken off");
        }
    }

    private static string ColorOf(scoped in RequestRecord record) => record.Status switch
    {
        >= 500 => "1;31",
        >= 400 => "33",
        >= 300 => "36",
        _ => "32",
    };

    private static string DurationOf(TimeSpan time) => time.TotalSeconds >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s ")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");

    private static string SizeOf(long bytes) => bytes switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B "),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
    };

    private static void AppendRight(LineBuffer line, string text)
    {
        line.Append(Spaces(NumberWidth - text.Length + 1));
        line.Append(Encoding.ASCII.GetBytes(text));
    }

    private static ReadOnlySpan<byte> Spaces(int count) => "                "u8[..Math.Clamp(count, 1, 16)];

    private void Paint(LineBuffer line, string code, string text)
    {
        line.Append(Encoding.ASCII.GetBytes(isColored ? $"\e[{code}m{text}\e[0m" : text));
    }
}
