using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Logs;

/// <summary>The access log: exactly one line for each request, whatever becomes of it.</summary>
public class AccessLogTests(ServerPool pool) : LogTest(pool)
{
    private const string Format = "%(m)s %(U)s %(s)s %(b)s %(X)s";

    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task AccessLog_OfRequests_HasALineEach(HttpProtocol protocol)
    {
        string log = Path.Combine(TemporaryFolder(), "access.log");
        DarterServer server = await StartAsync(
            "--access-logfile", log, "--access-logformat", Format + " %(H)s %({x-answer}o)s", "--limit-request-body", "10", "--readyz", "/readyz");
        using HttpClient client = ServerClient.Create(server.Address, protocol);

        await StatusAsync(client, HttpMethod.Get, "/hello%20you?q=1");
        await StatusAsync(client, HttpMethod.Head, "/head");
        await StatusAsync(client, HttpMethod.Get, "/raise");
        await StatusAsync(client, HttpMethod.Post, "/read", "12345678901");
        await StatusAsync(client, HttpMethod.Post, "/read", "1234567890");
        await StatusAsync(client, HttpMethod.Get, "/readyz");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetStringAsync("/part", Cancellation));
        await StatusAsync(client, HttpMethod.Get, "/die");

        string version = protocol == HttpProtocol.Http2 ? "HTTP/2" : "HTTP/1.1";
        IReadOnlyList<string> lines = await LinesAsync(log, 8);
        Assert.Equal(
            [
                $"GET /hello you 200 5 complete {version} yes",
                $"HEAD /head 200 0 complete {version} yes",
                $"GET /raise 500 22 complete {version} -",
                $"POST /read 413 22 complete {version} -",
                $"POST /read 200 5 complete {version} yes",
                $"GET /readyz 200 19 complete {version} -",
                $"GET /part 200 4 broken-off {version} -",
                $"GET /die 502 16 complete {version} -",
            ],
            lines);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task AccessLog_OfARequestWhoseClientLeft_Says499(HttpProtocol protocol)
    {
        string log = Path.Combine(TemporaryFolder(), "access.log");
        DarterServer server = await StartAsync("--access-logfile", log, "--access-logformat", Format);
        Gate gate = OpenGate();
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        using CancellationTokenSource leave = new();
        Task<HttpResponseMessage> running = client.GetAsync($"/wait?port={gate.Port}", leave.Token);
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Equal(["GET /wait 499 0 client-left"], await LinesAsync(log, 1));
        arrival.Release();
    }

    [Fact]
    public async Task AccessLog_OfWaitingRequestsWhoseClientLeft_Says499()
    {
        string log = Path.Combine(TemporaryFolder(), "access.log");
        DarterServer server = await StartAsync("--access-logfile", log, "--access-logformat", Format + " %(Q)s");
        Gate gate = OpenGate();
        Task<RawResponse> running = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");

        await using (RawConnection uploading = await RawConnection.OpenAsync(server.Address))
        await using (RawConnection waiting = await RawConnection.OpenAsync(server.Address))
        {
            await uploading.WriteAsync("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nbegin");
            await waiting.WriteAsync(Get("/queued"));
            await Wait.Until(async () => (await AskAsync(server, "*")).Status == 400, () => "an answer");
            waiting.Abort();
            uploading.Abort();
        }

        await Wait.Until(() => File.ReadAllText(log).Contains("/queued", StringComparison.Ordinal) && File.ReadAllText(log).Contains("/upload", StringComparison.Ordinal), "the lines");
        arrival.Release();
        Assert.Equal(200, (await running).Status);
        IReadOnlyList<string> lines = await LinesAsync(log, 4);
        Assert.Single(lines, line => line.StartsWith("GET /queued 499 0 client-left 0.", StringComparison.Ordinal));
        Assert.Single(lines, line => line == "POST /upload 499 0 client-left -");
        Assert.Single(lines, line => line.StartsWith("GET /wait 200 5 complete 0.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nBad Field: x\r\n\r\n", 400)]
    [InlineData("nonsense\r\n\r\n", 400)]
    [InlineData("GET /{0} HTTP/1.1\r\nHost: h\r\n\r\n", 414)]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nX: {0}\r\nX: {0}\r\nX: {0}\r\nX: {0}\r\nX: {0}\r\n\r\n", 431)]
    public async Task AccessLog_OfWhatTheParserRefuses_HasALineWithoutRequest(string request, int status)
    {
        string log = Path.Combine(TemporaryFolder(), "access.log");
        DarterServer server = await StartAsync("--access-logfile", log, "--access-logformat", """%(h)s "%(r)s" %(s)s""");

        await using (RawConnection connection = await RawConnection.OpenAsync(server.Address))
        {
            await connection.WriteAsync(Get("/first"));
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
            await connection.TryWriteAsync(request.Replace("{0}", new string('x', 8200), StringComparison.Ordinal));
            Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
            await connection.ReadToEndAsync();
        }

        await AskAsync(server, "/last");
        Assert.Equal(
            ["127.0.0.1 \"GET /first HTTP/1.1\" 200", $"127.0.0.1 \"-\" {status}", "127.0.0.1 \"GET /last HTTP/1.1\" 200"],
            await LinesAsync(log, 3));
    }

    [Fact]
    public async Task AccessLog_OfABodyThatIsTooLong_HasOneLine()
    {
        string log = Path.Combine(TemporaryFolder(), "access.log");
        DarterServer server = await StartAsync("--access-logfile", log, "--access-logformat", Format, "--limit-request-body", "10");
        await using (RawConnection connection = await RawConnection.OpenAsync(server.Address))
        {
            await connection.WriteAsync("POST /read HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n01234567890123456789012345678901\r\nnonsense\r\n");
            Assert.Equal(413, (await connection.ReadResponseAsync()).Status);
            await connection.ReadToEndAsync();
        }

        await AskAsync(server, "/last");
        Assert.Equal(["POST /read 413 22 complete", "GET /last 200 5 complete"], await LinesAsync(log, 2));
    }

    [Fact]
    public async Task AccessLog_AsJson_IsOneObjectALineOnStandardOutput()
    {
        DarterServer server = await StartAsync("--access-logfile", "-", "--access-log-json", "--request-id-header", "X-Request-ID");
        RawResponse response = await AskAsync(server, "/?a=\"", "User-Agent: \"a\\\"\r\n");
        Assert.Equal(400, response.Status);
        response = await AskAsync(server, "/hello", "User-Agent: \"a\\\"\r\nAuthorization: Basic am9lOng=\r\n");

        JsonElement line = JsonDocument.Parse(await server.Output.WaitForAsync("/hello")).RootElement;
        Assert.Equal("\"a\\\"", line.GetProperty("user_agent").GetString());
        Assert.Equal("joe", line.GetProperty("user").GetString());
        Assert.Equal(response["X-Request-ID"], line.GetProperty("request_id").GetString());
        Assert.Equal(server.Workers.Single(), line.GetProperty("pid").GetInt32());
        Assert.InRange(line.GetProperty("queue").GetDouble(), 0, line.GetProperty("duration").GetDouble());
    }

    [Fact]
    public async Task AccessLog_ByDefault_IsNone()
    {
        DarterServer server = await StartAsync();
        Assert.Equal(200, (await AskAsync(server, "/")).Status);
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal("", server.Output.Text);
    }

    [Fact]
    public async Task AccessLog_RenamedAndToldSo_GoesOnInANewFile()
    {
        string log = Path.Combine(TemporaryFolder(), "access.log");
        DarterServer server = await StartAsync("--access-logfile", log, "--access-logformat", "%(U)s");
        await AskAsync(server, "/1");
        await LinesAsync(log, 1);
        File.Move(log, log + ".1");
        await AskAsync(server, "/2");
        await LinesAsync(log + ".1", 2);

        server.Send(Signal.User1);
        await Wait.Until(() => File.Exists(log), "the new file");
        await AskAsync(server, "/3");

        Assert.Equal(["/3"], await LinesAsync(log, 1));
        Assert.Equal(["/1", "/2"], File.ReadAllLines(log + ".1"));
    }

    [Fact]
    public async Task AccessLog_WithARelativePath_IsInTheApplicationsFolder()
    {
        string folder = TemporaryFolder();
        DarterServer server = await StartAsync("--chdir", folder, "--access-logfile", "access.log", "--access-logformat", "%(U)s");
        await AskAsync(server, "/1");
        Assert.Equal(["/1"], await LinesAsync(Path.Combine(folder, "access.log"), 1));
    }

    private static async Task StatusAsync(HttpClient client, HttpMethod method, string target, string? content = null)
    {
        using HttpRequestMessage request = new(method, target)
        {
            Content = content is null ? null : new StringContent(content),
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
        };
        using HttpResponseMessage response = await client.SendAsync(request, Cancellation);
    }
}
