using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Observability;

/// <summary>The access log: a line for each request, in Gunicorn's format, as JSON, or for a terminal. Any thread; nothing waits for it.</summary>
internal sealed class AccessLog
{
    private readonly LogOutput? _file;
    private readonly LogOutput? _syslog;
    private readonly byte[] _tag;
    private readonly bool _endsLine;
    private readonly AccessSegment[] _segments;
    private readonly JsonAccessLine? _json;
    private readonly ReadableAccessLine? _readable;
    private readonly LogClock _clock;

    internal AccessLog(LogOutput? file, LogOutput? syslog, SyslogTag? tag, AccessLogFormat format, LoggingConfig config, TimeProvider time)
    {
        _file = file;
        _syslog = syslog;
        _tag = tag?.Information ?? [];
        _endsLine = tag is { IsStream: true };
        _segments = [.. format.Segments];
        _json = config.AccessJson ? new JsonAccessLine(time) : null;
        _readable = config.AccessReadable ? new ReadableAccessLine(time, config.AccessColored) : null;
        _clock = new LogClock(time);
        WantsRequestId = config.AccessJson || format.HasRequestId;
    }

    /// <summary>Whether lines have the request's id.</summary>
    internal bool WantsRequestId { get; }

    /// <summary>Writes the line of a request.</summary>
    internal void Write(scoped in RequestRecord record)
    {
        LineBuffer line = LineBuffer.Take();
        if (_syslog is not null)
        {
            line.Append(_tag);
        }

        if (_json is not null)
        {
            _json.Write(line, record);
        }
        else if (_readable is not null)
        {
            _readable.Write(line, record);
        }
        else
        {
            foreach (ref readonly AccessSegment segment in _segments.AsSpan())
            {
                Append(line, segment, record);
            }
        }

        line.Append("\n"u8);
        _file?.TryWrite(line.Span[_tag.Length..]);
        _syslog?.TryWrite(_endsLine ? line.Span : line.Span[..^1]);
    }

    private void Append(LineBuffer line, in AccessSegment segment, scoped in RequestRecord record)
    {
        switch (segment.Atom)
        {
            case AccessAtom.Literal:
                line.Append(segment.Text);
                break;
            case AccessAtom.Host:
                AppendBytes(line, record.ClientHost);
                break;
            case AccessAtom.User:
                AppendText(line, RequestText.UserOf(record.Request.Headers.Authorization));
                break;
            case AccessAtom.Time:
                line.Append(_clock.Common);
                break;
            case AccessAtom.RequestLine:
                AppendRequestLine(line, record.Request);
                break;
            case AccessAtom.Status:
                line.Append(record.Status);
                break;
            case AccessAtom.Method:
                line.AppendEscaped(record.Request.Method);
                break;
            case AccessAtom.Path:
                AppendDecoded(line, RequestText.PathOf(record.Request.RawTarget));
                break;
            case AccessAtom.Query:
                line.AppendEscaped(RequestText.QueryOf(record.Request.RawTarget));
                break;
            case AccessAtom.Protocol:
                AppendText(line, record.Request.Protocol);
                break;
            case AccessAtom.Bytes:
                line.Append(record.Bytes);
                break;
            case AccessAtom.Referrer:
                AppendValues(line, record.Request.Headers.Referer);
                break;
            case AccessAtom.Agent:
                AppendValues(line, record.Request.Headers.UserAgent);
                break;
            case AccessAtom.Seconds:
                line.Append((long)record.Elapsed.TotalSeconds);
                break;
            case AccessAtom.Milliseconds:
                line.Append((long)record.Elapsed.TotalMilliseconds);
                break;
            case AccessAtom.Microseconds:
                line.Append((long)record.Elapsed.TotalMicroseconds);
                break;
            case AccessAtom.DecimalSeconds:
                line.AppendSeconds((long)record.Elapsed.TotalMicroseconds);
                break;
            case AccessAtom.QueueSeconds:
                AppendQueue(line, record);
                break;
            case AccessAtom.ProcessId:
                line.Append("<"u8);
                line.Append(record.ProcessId);
                line.Append(">"u8);
                break;
            case AccessAtom.RequestId:
                AppendText(line, record.Id);
                break;
            case AccessAtom.End:
                line.Append(record.End switch
                {
                    RequestEnd.ClientLeft => "client-left"u8,
                    RequestEnd.BrokenOff => "broken-off"u8,
                    _ => "complete"u8,
                });
                break;
            case AccessAtom.RequestField:
                AppendValues(line, record.Request.Headers[segment.Name]);
                break;
            case AccessAtom.ResponseField:
                AppendValues(line, record.Response.Headers[segment.Name]);
                break;
            case AccessAtom.Variable:
                AppendVariable(line, segment.Name, record);
                break;
        }
    }

    private static void AppendRequestLine(LineBuffer line, IHttpRequestFeature request)
    {
        line.AppendEscaped(request.Method);
        if (request.Protocol.Length > 0)
        {
            line.Append(" "u8);
            line.AppendEscaped(request.RawTarget);
            line.Append(" "u8);
            line.AppendEscaped(request.Protocol);
        }
    }

    private static void AppendVariable(LineBuffer line, string name, scoped in RequestRecord record)
    {
        switch (name)
        {
            case "REMOTE_PORT":
                AppendPort(line, record.ClientPort);
                break;
            case "SERVER_NAME":
                AppendBytes(line, record.ServerHost);
                break;
            case "SERVER_PORT":
                AppendPort(line, record.ServerPort);
                break;
            case "WSGI.URL_SCHEME":
                line.Append(record.IsHttps ? "https"u8 : "http"u8);
                break;
            default:
                line.AppendEscaped(record.Request.RawTarget);
                break;
        }
    }

    private static void AppendQueue(LineBuffer line, scoped in RequestRecord record)
    {
        if (record.Queued < 0)
        {
            line.Append("-"u8);
        }
        else
        {
            line.AppendSeconds((long)System.Diagnostics.Stopwatch.GetElapsedTime(0, record.Queued).TotalMicroseconds);
        }
    }

    private static void AppendPort(LineBuffer line, ushort port)
    {
        if (port == 0)
        {
            line.Append("-"u8);
        }
        else
        {
            line.Append(port);
        }
    }

    private static void AppendText(LineBuffer line, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            line.Append("-"u8);
        }
        else
        {
            line.AppendEscaped(text);
        }
    }

    private static void AppendBytes(LineBuffer line, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            line.Append("-"u8);
        }

        foreach (byte value in bytes)
        {
            line.AppendEscape(value);
        }
    }

    private static void AppendValues(LineBuffer line, StringValues values)
    {
        if (values.Count == 0)
        {
            line.Append("-"u8);
        }

        for (int i = 0; i < values.Count; i++)
        {
            if (i > 0)
            {
                line.Append(","u8);
            }

            line.AppendEscaped(values[i]);
        }
    }

    /// <summary>Appends a path with its percent-encoding undone, as PATH_INFO has it.</summary>
    private static void AppendDecoded(LineBuffer line, ReadOnlySpan<char> path)
    {
        while (path.IndexOf('%') is var percent and >= 0)
        {
            line.AppendEscaped(path[..percent]);
            path = path[percent..];
            if (path.Length >= 3 && byte.TryParse(path[1..3], System.Globalization.NumberStyles.AllowHexSpecifier, null, out byte value))
            {
                line.AppendEscape(value);
                path = path[3..];
            }
            else
            {
                line.Append("%"u8);
                path = path[1..];
            }
        }

        line.AppendEscaped(path);
    }
}
