using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Darter.Server.Configuration;
using Darter.Server.Observability;
using Darter.Testing;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Tests.Observability;

/// <summary>Lines of the access log, in every format.</summary>
public sealed class AccessLogTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 10, 2, 3, TimeSpan.Zero);

    private readonly HttpRequestFeature _request = new() { Method = "GET", RawTarget = "/a%20b?x=1", Protocol = "HTTP/1.1", Scheme = "http" };
    private readonly HttpResponseFeature _response = new();

    [Theory]
    [InlineData("%(h)s", "192.0.2.7")]
    [InlineData("%(l)s", "-")]
    [InlineData("%(u)s", "-")]
    [InlineData("%(t)s", "[24/Nov/2026:10:02:03 +0000]")]
    [InlineData("%(r)s", "GET /a%20b?x=1 HTTP/1.1")]
    [InlineData("%(s)s", "200")]
    [InlineData("%(m)s", "GET")]
    [InlineData("%(U)s", "/a b")]
    [InlineData("%(q)s", "x=1")]
    [InlineData("%(H)s", "HTTP/1.1")]
    [InlineData("%(b)s", "1234")]
    [InlineData("%(B)s", "1234")]
    [InlineData("%(B)d", "1234")]
    [InlineData("%(f)s", "-")]
    [InlineData("%(a)s", "agent/1.0")]
    [InlineData("%(T)s", "2")]
    [InlineData("%(M)s", "2034")]
    [InlineData("%(D)s", "2034567")]
    [InlineData("%(L)s", "2.034567")]
    [InlineData("%(Q)s", "0.250000")]
    [InlineData("%(p)s", "<4711>")]
    [InlineData("%(R)s", "ID")]
    [InlineData("%(X)s", "complete")]
    [InlineData("%({X-Custom}i)s", "one,two")]
    [InlineData("%({x-custom}i)s", "one,two")]
    [InlineData("%({x-none}i)s", "-")]
    [InlineData("%({Content-Type}o)s", "text/plain")]
    [InlineData("%({x-none}o)s", "-")]
    [InlineData("%({REMOTE_ADDR}e)s", "192.0.2.7")]
    [InlineData("%({REMOTE_PORT}e)s", "5000")]
    [InlineData("%({server_name}e)s", "198.51.100.1")]
    [InlineData("%({SERVER_PORT}e)s", "80")]
    [InlineData("%({SERVER_PROTOCOL}e)s", "HTTP/1.1")]
    [InlineData("%({REQUEST_METHOD}e)s", "GET")]
    [InlineData("%({PATH_INFO}e)s", "/a b")]
    [InlineData("%({QUERY_STRING}e)s", "x=1")]
    [InlineData("%({RAW_URI}e)s", "/a%20b?x=1")]
    [InlineData("%({wsgi.url_scheme}e)s", "http")]
    [InlineData("%({http_x_custom}e)s", "one,two")]
    [InlineData("%({CONTENT_TYPE}e)s", "text/csv")]
    [InlineData("%({of.the.application}e)s", "-")]
    [InlineData("100%% %(m)s é", "100% GET é")]
    [InlineData("", "")]
    public async Task Line_InAFormat_HasWhatGunicornWrites(string format, string expected)
    {
        _request.Headers["X-Custom"] = new(["one", "two"]);
        _request.Headers.UserAgent = "agent/1.0";
        _request.Headers.ContentType = "text/csv";
        _response.Headers.ContentType = "text/plain";
        Assert.Equal(expected, await WriteAsync(format));
    }

    [Fact]
    public async Task Line_InTheDefaultFormat_IsTheCombinedFormat() =>
        Assert.Equal(
            """192.0.2.7 - - [24/Nov/2026:10:02:03 +0000] "GET /a%20b?x=1 HTTP/1.1" 200 1234 "-" "-" """.TrimEnd(),
            await WriteAsync(new LoggingConfig().AccessFormat));

    [Theory]
    [InlineData("Basic am9lOnNlY3JldA==", "joe")]
    [InlineData("basic am9l", "joe")]
    [InlineData("Basic am/pcmc6eA==", @"jo\xe9rg")]
    [InlineData("Basic !!", "-")]
    [InlineData("Basic ", "-")]
    [InlineData("Bearer am9lOnNlY3JldA==", "-")]
    public async Task User_OfAnAuthorization_IsBasicsName(string authorization, string expected)
    {
        _request.Headers.Authorization = authorization;
        Assert.Equal(expected, await WriteAsync("%(u)s"));
    }

    [Theory]
    [InlineData("/%0A%22%5c%1b%ff", @"/\x0a\""\\\x1b\xff")]
    [InlineData("/%", "/%")]
    [InlineData("/%4", "/%4")]
    [InlineData("/%zz", "/%zz")]
    public async Task Path_WithWhatEndsLinesOrStrings_IsEscaped(string target, string expected)
    {
        _request.RawTarget = target;
        Assert.Equal(expected, await WriteAsync("%(U)s"));
    }

    [Fact]
    public void Escaping_OfAnyText_CanBeUndoneAndEndsNeitherLineNorString() =>
        Gen.Char['\0', '\xff'].Array[0, 200].Sample(characters =>
        {
            LineBuffer line = LineBuffer.Take();
            line.AppendEscaped(characters);
            string escaped = Encoding.Latin1.GetString(line.Span);
            Assert.All(escaped, character => Assert.InRange(character, ' ', '~'));
            Assert.Equal(new string(characters), Unescape(escaped));
        });

    [Theory]
    [InlineData("%(z)s")]
    [InlineData("%(h)")]
    [InlineData("%(h)x")]
    [InlineData("%h")]
    [InlineData("%")]
    [InlineData("%({}i)s")]
    [InlineData("%({a}z)s")]
    [InlineData("%(h")]
    public void Format_ThatIsNone_IsRefused(string format)
    {
        Assert.False(AccessLogFormat.TryParse(format, out _, out string? error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Format_OfAnyText_IsReadOrRefused() =>
        Gen.String[Gen.Char["%(){}hsioe -x"], 0, 30].Sample(text =>
        {
            bool isRead = AccessLogFormat.TryParse(text, out AccessLogFormat? format, out string? error);
            Assert.Equal(isRead, format is not null);
            Assert.Equal(!isRead, error is not null);
        });

    [Fact]
    public async Task Json_OfARequest_HasEveryFieldAndNoForgedOne()
    {
        _request.Headers.UserAgent = "\",\"status\":200,\"x\":\"";
        _request.Headers.Host = "example.org";
        JsonElement line = JsonDocument.Parse(await WriteAsync("", json: true)).RootElement;

        Assert.Equal(
            ["time", "remote_addr", "user", "method", "target", "protocol", "scheme", "host", "status", "end", "bytes", "duration", "queue", "request_id", "referer", "user_agent", "pid"],
            line.EnumerateObject().Select(property => property.Name));
        Assert.Equal(Now, line.GetProperty("time").GetDateTimeOffset());
        Assert.Equal("192.0.2.7", line.GetProperty("remote_addr").GetString());
        Assert.Equal(JsonValueKind.Null, line.GetProperty("user").ValueKind);
        Assert.Equal("/a%20b?x=1", line.GetProperty("target").GetString());
        Assert.Equal("example.org", line.GetProperty("host").GetString());
        Assert.Equal(200, line.GetProperty("status").GetInt32());
        Assert.Equal(1234, line.GetProperty("bytes").GetInt64());
        Assert.Equal(2.034567, line.GetProperty("duration").GetDouble(), 6);
        Assert.Equal(0.25, line.GetProperty("queue").GetDouble());
        Assert.Equal("ID", line.GetProperty("request_id").GetString());
        Assert.Equal("\",\"status\":200,\"x\":\"", line.GetProperty("user_agent").GetString());
        Assert.Equal(4711, line.GetProperty("pid").GetInt32());
    }

    [Fact]
    public async Task Line_OnceTheBuffersAreThere_AllocatesNothing()
    {
        CollectingSink sink = new();
        using LogOutput output = new("test", sink, new LogTrouble("The log", _ => { }), capacity: 100_000);
        sink.Stall();
        Assert.True(AccessLogFormat.TryParse(new LoggingConfig().AccessFormat, out AccessLogFormat? format, out _));
        AccessLog log = new(output, null, null, format, new LoggingConfig(), new FixedTime());
        Write(log);
        sink.WaitUntilStalled();

        // From here on everything waits in one buffer, however fast the log's thread is.
        for (int i = 0; i < 400; i++)
        {
            Write(log);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            Write(log);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        sink.GoOn();
        await Wait.Until(() => sink.Entries.Count == 411, "the lines");
    }

    private async Task<string> WriteAsync(string text, bool json = false)
    {
        Assert.True(AccessLogFormat.TryParse(text, out AccessLogFormat? format, out _));
        CollectingSink sink = new();
        using LogOutput output = new("test", sink, new LogTrouble("The log", _ => { }));
        Write(new AccessLog(output, null, null, format, new LoggingConfig { AccessJson = json }, new FixedTime()));
        await Wait.Until(() => sink.Entries.Count == 1, "the line");
        Assert.EndsWith("\n", sink.Entries[0], StringComparison.Ordinal);
        return sink.Entries[0][..^1];
    }

    private void Write(AccessLog log) => log.Write(new RequestRecord
    {
        Request = _request,
        Response = _response,
        Status = 200,
        End = RequestEnd.Complete,
        Bytes = 1234,
        Duration = (long)(2.0345671 * Stopwatch.Frequency),
        Queued = Stopwatch.Frequency / 4,
        ClientHost = "192.0.2.7"u8,
        ClientPort = 5000,
        ServerHost = "198.51.100.1"u8,
        ServerPort = 80,
        IsHttps = false,
        ProcessId = 4711,
        Id = "ID",
    });

    private static string Unescape(string text)
    {
        StringBuilder result = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                Assert.NotEqual('"', text[i]);
                result.Append(text[i]);
            }
            else if (text[++i] == 'x')
            {
                result.Append((char)byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 2;
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }

    private sealed class FixedTime : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
