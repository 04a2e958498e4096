using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Observability;

/// <summary>A line of the access log as a JSON object, by a real encoder: no value can be taken for more than a value.</summary>
internal sealed class JsonAccessLine(TimeProvider time)
{
    [ThreadStatic]
    private static Utf8JsonWriter? _ofThread;

    /// <summary>Appends the object. Its fields are documented in docs/reference/logging.md.</summary>
    internal void Write(LineBuffer line, scoped in RequestRecord record)
    {
        Utf8JsonWriter writer = _ofThread ??= new Utf8JsonWriter(line);
        writer.Reset(line);
        writer.WriteStartObject();
        writer.WriteString("time"u8, time.GetLocalNow());
        WriteBytes(writer, "remote_addr"u8, record.ClientHost);
        WriteText(writer, "user"u8, RequestText.UserOf(record.Request.Headers.Authorization));
        writer.WriteString("method"u8, record.Request.Method);
        writer.WriteString("target"u8, record.Request.RawTarget);
        writer.WriteString("protocol"u8, record.Request.Protocol);
        writer.WriteString("scheme"u8, record.IsHttps ? "https"u8 : "http"u8);
        WriteValues(writer, "host"u8, record.Request.Headers.Host);
        writer.WriteNumber("status"u8, record.Status);
        writer.WriteString("end"u8, record.End switch
        {
            RequestEnd.ClientLeft => "client-left"u8,
            RequestEnd.BrokenOff => "broken-off"u8,
            _ => "complete"u8,
        });
        writer.WriteNumber("bytes"u8, record.Bytes);
        WriteSeconds(writer, "duration"u8, record.Duration);
        if (record.Queued >= 0)
        {
            WriteSeconds(writer, "queue"u8, record.Queued);
        }
        else
        {
            writer.WriteNull("queue"u8);
        }

        WriteText(writer, "request_id"u8, record.Id);
        WriteValues(writer, "referer"u8, record.Request.Headers.Referer);
        WriteValues(writer, "user_agent"u8, record.Request.Headers.UserAgent);
        writer.WriteNumber("pid"u8, record.ProcessId);
        writer.WriteEndObject();
        writer.Flush();
    }

    private static void WriteSeconds(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long ticks) =>
        writer.WriteNumber(name, (decimal)Stopwatch.GetElapsedTime(0, ticks).Ticks / TimeSpan.TicksPerSecond);

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is null)
        {
            writer.WriteNull(name);
        }
        else
        {
            writer.WriteString(name, text);
        }
    }

    private static void WriteBytes(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> ascii)
    {
        if (ascii.IsEmpty)
        {
            writer.WriteNull(name);
        }
        else
        {
            writer.WriteString(name, ascii);
        }
    }

    private static void WriteValues(Utf8JsonWriter writer, ReadOnlySpan<byte> name, StringValues values) =>
        WriteText(writer, name, values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => values.ToString(),
        });
}
