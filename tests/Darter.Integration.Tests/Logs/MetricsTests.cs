using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Darter.Integration.Tests.Logs;

/// <summary>What is sent to other servers, and what responses say about themselves.</summary>
public class MetricsTests(ServerPool pool) : LogTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Fact]
    public async Task Syslog_OverAUnixSocket_GetsBothLogs()
    {
        string path = Path.Combine(TemporaryFolder(), "log");
        using Socket syslog = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        syslog.Bind(new UnixDomainSocketEndPoint(path));
        DarterServer server = await StartAsync(
            "--log-syslog", "--log-syslog-to", $"unix://{path}#dgram", "--log-syslog-prefix", "shop:1", "--log-syslog-facility", "local3", "--access-logformat", "%(r)s");
        await AskAsync(server, "/die");

        // local3 is 19; information is 6 and an error 3.
        HashSet<string> missing = ["<158>darter.shop.1.access: ", "<158>darter.shop.1.error: ", "<155>darter.shop.1.error: "];
        await ReceiveUntilAsync(syslog, entry =>
        {
            Assert.Contains($": [{server.Pid}] ", entry, StringComparison.Ordinal);
            missing.RemoveWhere(prefix => entry.StartsWith(prefix, StringComparison.Ordinal));
            return missing.Count == 0;
        });
        Assert.Equal("", server.Output.Text);
    }

    [Fact]
    public async Task Syslog_WithoutAccess_GetsTheErrorLogOnly()
    {
        using Socket syslog = Listen(out int port);
        DarterServer server = await StartAsync("--log-syslog", "--log-syslog-to", $"udp://127.0.0.1:{port}", "--disable-redirect-access-to-syslog");
        await AskAsync(server, "/");
        server.Send(Darter.Testing.Processes.Signal.Terminate);
        await ReceiveUntilAsync(syslog, entry =>
        {
            Assert.DoesNotContain(".access", entry, StringComparison.Ordinal);
            return entry.EndsWith("] Stopped", StringComparison.Ordinal);
        });
        await server.WaitForExitAsync();
    }

    [Fact]
    public async Task Statsd_OfAServer_GetsGunicornsMetrics()
    {
        using Socket statsd = Listen(out int port);
        DarterServer server = await StartAsync(
            "--statsd-host", $"127.0.0.1:{port}", "--statsd-prefix", "shop", "--dogstatsd-tags", "env:test,zone:a", "--enable-backlog-metric");
        await AskAsync(server, "/");
        await AskAsync(server, "/die");

        Regex[] expected =
        [
            new(@"^shop\.gunicorn\.requests:1\|c\|@1\.0\|#env:test,zone:a$"),
            new(@"^shop\.gunicorn\.request\.duration:\d+(\.\d+)?\|ms\|#env:test,zone:a$"),
            new(@"^shop\.gunicorn\.request\.status\.200:1\|c\|@1\.0\|#"),
            new(@"^shop\.gunicorn\.request\.status\.502:1\|c\|@1\.0\|#"),
            new(@"^shop\.gunicorn\.workers:1\|g\|#"),
            new(@"^shop\.gunicorn\.backlog:0\|h\|#"),
            new(@"^shop\.gunicorn\.log\.error:1\|c\|@1\.0\|#"),
        ];
        HashSet<Regex> missing = [.. expected];
        await ReceiveUntilAsync(statsd, datagram =>
        {
            foreach (string line in datagram.Split('\n'))
            {
                missing.RemoveWhere(pattern => pattern.IsMatch(line));
            }

            return missing.Count == 0;
        });
    }

    [Fact]
    public async Task Statsd_ThatNobodyHears_DisturbsNothing()
    {
        using Socket unheard = Listen(out int port);
        unheard.Close();
        DarterServer server = await StartAsync("--statsd-host", $"127.0.0.1:{port}");
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(200, (await AskAsync(server, "/")).Status);
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task ServerTiming_OfAResponse_SaysQueueAndApplication(HttpProtocol protocol)
    {
        DarterServer server = await StartAsync("--server-timing");
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        using HttpResponseMessage response = await client.GetAsync("/", Cancellation);
        Assert.Matches(@"^queue;dur=\d+(\.\d{1,3})?, app;dur=\d+(\.\d{1,3})?$", Assert.Single(response.Headers.GetValues("Server-Timing")));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task RequestId_OfARequest_IsTheSameForApplicationClientAndLog(HttpProtocol protocol)
    {
        DarterServer server = await StartAsync("--request-id-header", "X-Request-ID", "--access-logfile", "-", "--access-logformat", "%(U)s %(R)s");
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        string first = await IdAsync(client, null);
        Assert.Matches("^[0-9A-V]{13}$", first);
        Assert.NotEqual(first, await IdAsync(client, null));
        await server.Output.WaitForAsync($"/environ {first}");

        // The peer is a trusted proxy here.
        Assert.Equal("from-the-proxy", await IdAsync(client, "from-the-proxy"));
        await server.Output.WaitForAsync("/environ from-the-proxy");
        Assert.Matches("^[0-9A-V]{13}$", await IdAsync(client, new string('x', 200)));
        Assert.Matches("^[0-9A-V]{13}$", await IdAsync(client, "with spaces"));
    }

    [Fact]
    public async Task RequestId_OfAClientThatIsNotTrusted_IsReplaced()
    {
        DarterServer server = await StartAsync("--request-id-header", "X-Request-ID", "--forwarded-allow-ips", "192.0.2.1");
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        Assert.Matches("^[0-9A-V]{13}$", await IdAsync(client, "forged"));
    }

    [Fact]
    public async Task RequestId_OfARequestThatFails_IsInTheAnswer()
    {
        DarterServer server = await StartAsync("--request-id-header", "X-Request-ID");
        RawResponse response = await AskAsync(server, "/die", "X-Request-ID: mine\r\n");
        Assert.Equal((502, "mine"), (response.Status, response["X-Request-ID"]));
    }

    private static async Task<string> IdAsync(HttpClient client, string? id)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/environ") { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        if (id is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Request-ID", id);
        }

        using HttpResponseMessage response = await client.SendAsync(request, Cancellation);
        string answered = Assert.Single(response.Headers.GetValues("X-Request-ID"));
        string told = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("HTTP_X_REQUEST_ID").GetString()!;
        Assert.Equal(answered, told);
        return answered;
    }

    private static Socket Listen(out int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        return socket;
    }

    private static async Task ReceiveUntilAsync(Socket socket, Func<string, bool> isLast)
    {
        byte[] buffer = new byte[64 * 1024];
        int length;
        do
        {
            length = await Wait.For(socket.ReceiveAsync(buffer, Cancellation).AsTask(), "a datagram");
        }
        while (!isLast(Encoding.UTF8.GetString(buffer, 0, length)));
    }
}
