using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Darter.Workers;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Observability;

/// <summary>
/// The error log: what the front and its libraries have to say, and what the workers write where that is captured. One line
/// an event, as Gunicorn's users know it, <c>[2026-11-24 10:02:03 +0000] [4711] [INFO] Listening at: ...</c>, or JSON.
/// Any thread.
/// </summary>
public sealed class ErrorLog : IWorkerOutput
{
    private readonly LogOutput _file;
    private readonly LogOutput? _syslog;
    private readonly SyslogTag? _tag;
    private readonly bool _json;
    private readonly TimeProvider _time;

    /// <param name="file">Where it goes.</param>
    /// <param name="json">Whether its lines are JSON objects.</param>
    /// <param name="syslog">Where else it goes.</param>
    /// <param name="tag">What stands before each entry there.</param>
    /// <param name="time">The clock.</param>
    internal ErrorLog(LogOutput file, bool json, LogOutput? syslog, SyslogTag? tag, TimeProvider time)
    {
        _file = file;
        _json = json;
        _syslog = syslog;
        _tag = tag;
        _time = time;
    }

    /// <summary>Counts the events, or null.</summary>
    internal Statsd? Statsd { get; set; }

    /// <summary>Logs an event of the front.</summary>
    internal void Write(LogLevel level, string category, string text, Exception? exception)
    {
        string whole = exception is null ? text : $"{text}{Environment.NewLine}{exception}";
        _file.TryWrite(_json ? JsonOf(level, Environment.ProcessId, category, null, whole) : LineOf(level, Environment.ProcessId, whole));
        _syslog?.TryWrite(_tag!.EntryOf(level, whole));
        Statsd?.Count(level);
    }

    /// <summary>Logs what is wrong with a log or with the metrics: to the file only, lest it be lost and reported for ever.</summary>
    internal void Report(string text) =>
        _file.TryWrite(_json ? JsonOf(LogLevel.Warning, Environment.ProcessId, "Darter.Logs", null, text) : LineOf(LogLevel.Warning, Environment.ProcessId, text));

    /// <summary>Logs a line that a worker wrote to one of its outputs, whatever the least severity is. Waits while the log has no room.</summary>
    public void OnLine(string worker, int processId, ReadOnlySpan<byte> line)
    {
        string text = Encoding.UTF8.GetString(line);
        _file.Write(_json ? JsonOf(LogLevel.Information, processId, null, worker, text) : LineOf(LogLevel.Information, processId, $"{worker}: {text}"));
        _syslog?.TryWrite(_tag!.EntryOf(LogLevel.Information, $"{worker}: {text}"));
    }

    private byte[] LineOf(LogLevel level, int processId, string text)
    {
        DateTimeOffset now = _time.GetLocalNow();
        string offset = now.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"[{now:yyyy-MM-dd HH:mm:ss} {offset}] [{processId}] [{NameOf(level)}] {text}\n"));
    }

    private byte[] JsonOf(LogLevel level, int processId, string? category, string? worker, string text)
    {
        ArrayBufferWriter<byte> line = new();
        using (Utf8JsonWriter writer = new(line))
        {
            writer.WriteStartObject();
            writer.WriteString("time"u8, _time.GetLocalNow());
            writer.WriteString("level"u8, NameOf(level));
            writer.WriteNumber("pid"u8, processId);
            if (category is not null)
            {
                writer.WriteString("logger"u8, category);
            }

            if (worker is not null)
            {
                writer.WriteString("worker"u8, worker);
            }

            writer.WriteString("message"u8, text);
            writer.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARNING",
        LogLevel.Error => "ERROR",
        _ => "CRITICAL",
    };
}
