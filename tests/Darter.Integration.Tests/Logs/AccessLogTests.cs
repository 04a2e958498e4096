using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
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

    [Fact]
    public async Task AccessLog_OfARunningRequestWhoseClientLeft_Says499()
    {
        string log = Path.Combine(TemporaryFolder(), "access.log");
        DarterServer server = await StartAsync("--access-logfile", log, "--access-logformat", Format);
        Gate gate = OpenGate();
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get($"/wait?port={gate.Port}"));
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        connection.Abort();
        Assert.Equal(["GET /wait 499 0 client-left"], await LinesAsync(log, 1));
        arrival.Release();
    }

    [Fact]
    public async Task AccessLog_OfAnHttp2StreamThatTheClientReset_Says499()
    {
        string log = Path.Combine(TemporaryFolder(), "access.log");
        DarterServer server = await StartAsync("--access-logfile", log, "--access-logformat", Format);
        Gate gate = OpenGate();
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http2);
        using CancellationTokenSource leave = new();
        Task<HttpResponseMessage> running = client.GetAsync($"/wait?port={gate.Port}", leave.Token);
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Equal(["GET /wait 499 0 client-left"], await LinesAsync(log, 1));
        arrival.Release();
    }

    [Fact]
    public async Task AccessLog_OfAnUploadWhoseClientLeft_Says499()
    {
        string log = Path.Combine(TemporaryFolder(), "access.log");
        DarterServer server = await StartAsync("--access-logfile", log, "--access-logformat", Format + " %(Q)s");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync("POST /read HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await connection.ReadHeadAsync()).Status);
        await connection.WriteAsync("begin");
        connection.Abort();
        Assert.Equal(["POST /read 499 0 client-left -"], await LinesAsync(log, 1));
    }

    [Fact]
    public async Task AccessLog_OfARequestThatWaitsInTheQueue_HasItsTimeThere()
    {
        string log = Path.Combine(TemporaryFolder(), "access.log");
        DarterServer server = await StartAsync("--access-logfile", log, "--access-logformat", "%(U)s %(s)s %(Q)s %(L)s", "--statsd-host", StatsdOf(out Socket statsd), "--enable-backlog-metric");
        using (statsd)
        {
            Gate gate = OpenGate();
            Task<RawResponse> running = AskAsync(server, $"/wait?port={gate.Port}");
            Gate.Arrival arrival = await gate.ReachedAsync("waiting");
            await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
            Task<RawResponse> queued = AskAsync(server, "/queued");
            await connection.WriteAsync(Get("/left"));
            byte[] datagram = new byte[64 * 1024];
            int length;
            do
            {
                length = await Wait.For(statsd.ReceiveAsync(datagram, Cancellation).AsTask(), "a datagram");
            }
            while (!Encoding.UTF8.GetString(datagram, 0, length).Contains("gunicorn.backlog:2|h", StringComparison.Ordinal));

            connection.Abort();
            await LinesAsync(log, 1);
            arrival.Release();
            Assert.Equal(200, (await running).Status);
            Assert.Equal(200, (await queued).Status);
        }

        IReadOnlyList<string> lines = await LinesAsync(log, 3);
        Assert.StartsWith("/left 499 ", lines[0], StringComparison.Ordinal);
        foreach (string line in lines.Where(line => !line.StartsWith("/wait", StringComparison.Ordinal)))
        {
            // The one that left had waited all the time, the other nearly so.
            double[] seconds = [.. line.Split(' ')[2..].Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
            Assert.InRange(seconds[0], double.Epsilon, seconds[1]);
        }
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
            await connection.WriteAsync("POST /read HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n01234567890123456789012345678901\r\n");
            Assert.Equal(413, (await connection.ReadResponseAsync()).Status);
            await connection.TryWriteAsync("nonsense\r\n");
            await connection.ReadToEndAsync();
        }

        await AskAsync(server, "/last");
        Assert.Equal(["POST /read 413 22 complete", "GET /last 200 5 complete"], await LinesAsync(log, 2));
    }

    [Fact]
    public async Task AccessLog_AsJson_IsOneObjectALineOnStandardOutput()
    {
        DarterServer server = await StartAsync("--access-logfile", "-", "--access-log-json", "--request-id-header", "X-Request-ID");
        RawResponse response = await AskAsync(server, "/hello", "User-Agent: \"a\\\"\r\nAuthorization: Basic am9lOng=\r\n");

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

    private static string StatsdOf(out Socket socket)
    {
        socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket.LocalEndPoint!.ToString()!;
    }
}
