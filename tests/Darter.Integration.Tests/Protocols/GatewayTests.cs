using System.Text;
using Darter.Integration.Tests.Logs;

namespace Darter.Integration.Tests.Protocols;

/// <summary>The gateway protocols spoken by the tests themselves.</summary>
public class GatewayTests(ServerPool pool) : LogTest(pool)
{
    private static readonly string[] Binds = GatewayRequest.Binds;

    public static TheoryData<int> EachBind => [0, 1, 2];

    [Theory]
    [InlineData(0, "GET / HTTP/1.1\r\n\r\n", "begins with a request of HTTP")]
    [InlineData(0, "\u0001\0\0\0", "modifiers 1 and 0")]
    [InlineData(0, "\0\u0002\0\0\u0005\0", "lengths of its variables")]
    [InlineData(0, "\0\0\0\0", "no REQUEST_METHOD")]
    [InlineData(1, "\u0002", "other than a record of FastCGI 1")]
    [InlineData(1, "\u0001\u0001\0\0\0\0\0\0", "FCGI_BEGIN_REQUEST is malformed")]
    [InlineData(2, "hello", "does not begin with a netstring")]
    [InlineData(2, "1:x;", "does not end with a comma")]
    [InlineData(2, "65536:", "longer than 65535 bytes")]
    [InlineData(2, "9999999999999999999", "longer than 65535 bytes")]
    public async Task Connection_WithSomethingElse_IsClosedWithOneLine(int bind, string bytes, string cause)
    {
        DarterServer server = await ShareAsync(Options());
        int mark = server.Log.Count;
        await using (RawConnection connection = await RawConnection.OpenAsync(server.Addresses[bind]))
        {
            await connection.WriteAsync(bytes);
            await connection.ReadToEndAsync();
        }

        string line = await server.Log.WaitForAsync(cause, mark);
        Assert.Contains($"[WARNING] A connection at {Binds[bind]} is closed: ", line, StringComparison.Ordinal);

        // The others notice nothing.
        string answer = await TalkAsync(server.Addresses[0], new GatewayRequest("/whoami").Whole(0));
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Single(server.Log.Lines(mark), text => text.Contains(cause, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Connection_ThatSendsPartOfAHead_IsClosedInTime(int bind)
    {
        await using DarterServer server = await DarterServer.StartAsync(Options("--request-header-timeout", "1"));
        await using RawConnection connection = await RawConnection.OpenAsync(server.Addresses[bind]);
        await connection.WriteAsync(bind == 0 ? "\0\u0010\0" : bind == 1 ? "\u0001\u0001\0\u0001" : "70:CONT");
        Assert.True(await connection.IsClosedAsync());
        Assert.Contains(Binds[bind], await server.Log.WaitForAsync("--request-header-timeout)"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(EachBind))]
    public async Task Request_WithMoreThanItMayHave_IsRefused(int bind)
    {
        DarterServer server = await ShareAsync(Options("--limit-request-body", "1000"));
        foreach ((int status, GatewayRequest request) in ((int, GatewayRequest)[])
            [
                (414, new GatewayRequest("/" + new string('x', 60_000))),
                (431, new GatewayRequest("/", 0, ("HTTP_X", new string('x', 60_000)))),
                (431, new GatewayRequest("/", 0, [.. Enumerable.Range(0, 1000).Select(i => ($"HTTP_X{i}", "v"))])),
                (413, new GatewayRequest("/", 1001)),
                (200, new GatewayRequest("/", 1000)),
            ])
        {
            string answer = await TalkAsync(server.Addresses[bind], request.Whole(bind));
            Assert.Contains($"{(bind == 0 ? "HTTP/1.1" : "Status:")} {status} ", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Variables_OfFastCgiWithoutAnEnd_CloseTheConnection()
    {
        DarterServer server = await ShareAsync(Options());
        await using RawConnection connection = await RawConnection.OpenAsync(server.Addresses[1]);
        await connection.WriteAsync(GatewayRequest.Record(1, "\0\u0001\u0001\0\0\0\0\0"));
        string record = GatewayRequest.Record(4, new string('x', 60_000));
        while (await connection.TryWriteAsync(record))
        {
        }

        Assert.Equal(200, int.Parse((await TalkAsync(server.Addresses[0], new GatewayRequest("/").Whole(0))).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Request_OverUwsgi_IsInTheAccessLogAndHeldToTheLimits()
    {
        await using DarterServer server = await DarterServer.StartAsync(Options("--access-logfile", "-", "--access-logformat", "%(h)s %(r)s %(s)s %(B)s", "--livez", "/livez"));
        Assert.StartsWith("HTTP/1.1 414 URI Too Long\r\n", await TalkAsync(server.Addresses[0], new GatewayRequest("/" + new string('x', 9000)).Whole(0)), StringComparison.Ordinal);
        await server.Output.WaitForAsync(" 414 17");
        Assert.Contains("\"live\"", await TalkAsync(server.Addresses[0], new GatewayRequest("/livez").Whole(0)), StringComparison.Ordinal);
        await server.Output.WaitForAsync("203.0.113.9 GET /livez HTTP/1.1 200 18");
        Assert.Equal(0, await server.StopAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Request_WhileTheServerStops_IsAnswered(int bind)
    {
        Gate gate = OpenGate();
        await using DarterServer server = await DarterServer.StartAsync(Options() with { Target = App("streaming") });
        Task<string> answer = TalkAsync(server.Addresses[bind], new GatewayRequest($"/?port={gate.Port}&count=1").Whole(bind));
        Gate.Arrival arrival = await gate.ReachedAsync("sent");
        server.Send(Darter.Testing.Processes.Signal.Terminate);
        await server.Log.WaitForAsync("Handling signal");
        arrival.Release();
        Assert.Contains("piece 0\n", await answer, StringComparison.Ordinal);
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task Files_OverUwsgi_AreServedFromAStaticFolder()
    {
        string folder = TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "a.txt"), "the file", TestContext.Current.CancellationToken);
        await using DarterServer server = await DarterServer.StartAsync(Options("--static", $"/static={folder}"));
        string answer = await TalkAsync(server.Addresses[0], new GatewayRequest("/static/a.txt").Whole(0));
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nthe file", answer, StringComparison.Ordinal);
    }

    private static DarterServerOptions Options(params string[] arguments) => new() { Target = App("whoami"), Binds = Binds, Arguments = arguments };

    private static async Task<string> TalkAsync(ServerAddress address, string request)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(address);
        await connection.WriteAsync(request);
        return Encoding.Latin1.GetString(await connection.ReadToEndAsync());
    }
}
