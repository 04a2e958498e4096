using System.Globalization;
using System.Text;
using Darter.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Observability;

/// <summary>The metrics of Gunicorn, under its names. Any thread.</summary>
internal sealed class Statsd
{
    [ThreadStatic]
    private static byte[]? _buffer;

    private readonly LogOutput _output;
    private readonly byte[] _prefix;
    private readonly byte[] _end;

    internal Statsd(LogOutput output, StatsdConfig config)
    {
        _output = output;
        _prefix = Encoding.UTF8.GetBytes(config.Prefix.Length == 0 ? "" : config.Prefix.TrimEnd('.') + ".");
        _end = Encoding.UTF8.GetBytes(config.Tags.Length == 0 ? "\n" : $"|#{config.Tags}\n");
        Backlog = config.Backlog;
    }

    /// <summary>Whether the length of the queue is wanted.</summary>
    internal bool Backlog { get; }

    /// <summary>A request has ended.</summary>
    internal void Request(int status, TimeSpan duration)
    {
        Send("gunicorn.request.duration:"u8, duration.TotalMilliseconds, "0.###", "|ms"u8);
        Send("gunicorn.requests:"u8, 1, default, "|c|@1.0"u8);

        Span<byte> name = stackalloc byte[40];
        "gunicorn.request.status."u8.CopyTo(name);
        status.TryFormat(name[24..], out int digits, default, CultureInfo.InvariantCulture);
        name[24 + digits] = (byte)':';
        Send(name[..(25 + digits)], 1, default, "|c|@1.0"u8);
    }

    /// <summary>Something was logged.</summary>
    internal void Count(LogLevel level)
    {
        ReadOnlySpan<byte> name = level switch
        {
            LogLevel.Critical => "gunicorn.log.critical:"u8,
            LogLevel.Error => "gunicorn.log.error:"u8,
            LogLevel.Warning => "gunicorn.log.warning:"u8,
            _ => default,
        };
        if (!name.IsEmpty)
        {
            Send(name, 1, default, "|c|@1.0"u8);
        }
    }

    /// <summary>How many workers take requests.</summary>
    internal void Workers(int count) => Send("gunicorn.workers:"u8, count, default, "|g"u8);

    /// <summary>How many requests wait for a worker.</summary>
    internal void Queue(int length) => Send("gunicorn.backlog:"u8, length, default, "|h"u8);

    private void Send(ReadOnlySpan<byte> name, double value, string? format, ReadOnlySpan<byte> type)
    {
        int size = _prefix.Length + name.Length + 32 + type.Length + _end.Length;
        if (_buffer is not { } buffer || buffer.Length < size)
        {
            _buffer = buffer = new byte[Math.Max(size, 256)];
        }

        Span<byte> rest = buffer;
        rest = Append(rest, _prefix);
        rest = Append(rest, name);
        value.TryFormat(rest, out int digits, format, CultureInfo.InvariantCulture);
        rest = Append(rest[digits..], type);
        rest = Append(rest, _end);
        _output.TryWrite(buffer.AsSpan(0, buffer.Length - rest.Length));
    }

    private static Span<byte> Append(Span<byte> destination, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(destination);
        return destination[bytes.Length..];
    }
}
