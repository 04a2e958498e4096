using System.Text.Json;
using Darter.Integration.Tests.Logs;

namespace Darter.Integration.Tests.Proxies;

/// <summary>The PROXY protocol in front of HTTP.</summary>
public class ProxyProtocolTests(ServerPool pool) : LogTest(pool)
{
    private const string Line = "PROXY TCP4 203.0.113.9 198.51.100.1 4711 443\r\n";
    private const string Line6 = "PROXY TCP6 2001:db8::9 2001:db8::1 4711 443\r\n";
    private const string Signature = "\r\n\r\n\0\r\nQUIT\n";

    // 203.0.113.9:4711 to 198.51.100.1:443, and a TLV of 3 bytes behind.
    private const string Binary = Signature + "\x21\x11\0\x12" + "\xCB\0\x71\x09" + "\xC6\x33\x64\x01" + "\x12\x67\x01\xBB" + "\x04\0\u0003abc";
    private const string Local = Signature + "\x20\0\0\0";

    [Theory]
    [InlineData("auto", Line, "203.0.113.9", "TCP4")]
    [InlineData("v1", Line, "203.0.113.9", "TCP4")]
    [InlineData("v1", Line6, "2001:db8::9", "TCP6")]
    [InlineData("auto", Binary, "203.0.113.9", "TCP4")]
    [InlineData("v2", Binary, "203.0.113.9", "TCP4")]
    public async Task Wsgi_BehindTheProxyProtocol_SeesTheClient(string mode, string header, string client, string protocol)
    {
        DarterServer server = await ShareAsync("--proxy-protocol", mode, "--access-logfile", "-", "--access-logformat", "%(h)s %({REMOTE_PORT}e)s %(r)s");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        foreach (char character in header)
        {
            await connection.WriteAsync($"{character}");
        }

        for (int i = 0; i < 2; i++)
        {
            await connection.WriteAsync(Get("/environ", "X-Forwarded-Proto: https\r\n"));
            JsonElement environ = (await connection.ReadResponseAsync()).Json;
            Assert.Equal(client, environ.GetProperty("REMOTE_ADDR").GetString());
            Assert.Equal("4711", environ.GetProperty("REMOTE_PORT").GetString());
            Assert.Equal(protocol, environ.GetProperty("PROXY_PROTOCOL").GetString());
            Assert.Equal("443", environ.GetProperty("PROXY_PORT").GetString());

            // Who is trusted to speak for clients is decided by the address that is known now.
            Assert.Equal("http", environ.GetProperty("wsgi.url_scheme").GetString());
        }

        await server.Output.WaitForAsync($"{client} 4711 GET /environ HTTP/1.1");
    }

    [Theory]
    [InlineData(Line)]
    [InlineData(Binary)]
    public async Task Asgi_BehindTheProxyProtocol_SeesTheClient(string header)
    {
        DarterServer server = await ShareAsync(new DarterServerOptions
        {
            Target = Path.Combine(RepositoryPaths.AsgiApp("http"), "app.py"),
            Arguments = ["--proxy-protocol=auto"],
        });
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(header + Get("/scope"));
        JsonElement scope = (await connection.ReadResponseAsync()).Json.GetProperty("scope");
        Assert.Equal("""["203.0.113.9", 4711]""", scope.GetProperty("client").GetRawText());
        Assert.Equal("""["198.51.100.1", 443]""", scope.GetProperty("server").GetRawText());
    }

    [Theory]
    [InlineData(Line)]
    [InlineData(Binary)]
    [InlineData("")]
    public async Task Http2_BehindTheProxyProtocol_IsServed(string header)
    {
        DarterServer server = await ShareAsync("--proxy-protocol");
        using HttpClient client = new(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                System.Net.Sockets.NetworkStream stream = new(await server.Address.ConnectAsync(cancellation: cancellation), ownsSocket: true);
                await stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes(header), cancellation);
                return stream;
            },
        })
        {
            BaseAddress = server.Address.Uri,
            DefaultRequestVersion = new Version(2, 0),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        JsonElement environ = JsonDocument.Parse(await client.GetStringAsync("/environ", Cancellation)).RootElement;
        Assert.Equal(header.Length == 0 ? "127.0.0.1" : "203.0.113.9", environ.GetProperty("REMOTE_ADDR").GetString());
    }

    [Theory]
    [InlineData(Local)]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("")]
    public async Task Wsgi_OfAProxyThatSpeaksForItself_SeesItsAddress(string header)
    {
        DarterServer server = await ShareAsync("--proxy-protocol=auto");
        JsonElement environ = (await RawConnection.ExchangeAsync(server.Address, header + Get("/environ"))).Json;
        Assert.Equal("127.0.0.1", environ.GetProperty("REMOTE_ADDR").GetString());
        Assert.False(environ.TryGetProperty("PROXY_PROTOCOL", out _));
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.9 198.51.100.1 4711\r\n")]
    [InlineData(Signature + "\x21\x11\0\x01x")]
    public async Task Connection_WithAMalformedHeader_IsClosedWithOneLogLine(string header)
    {
        DarterServer server = await ShareAsync("--proxy-protocol=auto");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        int mark = server.Log.Count;
        await connection.WriteAsync(header + Get("/"));
        Assert.True(await connection.IsClosedAsync());
        string peer = $"127.0.0.1:{connection.LocalPort}";
        await server.Log.WaitForAsync($"A connection from {peer} is closed, since its PROXY protocol header is malformed (--proxy-protocol)", mark);
        Assert.Equal(200, (await AskAsync(server, "/")).Status);
        Assert.Single(server.Log.Lines(mark), line => line.Contains(peer, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connection_OfAPeerThatIsNotTrusted_IsClosedIfItSendsAHeader()
    {
        DarterServer server = await StartAsync("--proxy-protocol=auto", "--proxy-allow-from", "192.0.2.0/24");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Line + Get("/"));
        Assert.True(await connection.IsClosedAsync());
        await server.Log.WaitForAsync("--proxy-allow-from");
        Assert.Equal(200, (await AskAsync(server, "/")).Status);
    }

    [Theory]
    [InlineData("PROX")]
    [InlineData(Signature + "\x21")]
    public async Task Connection_ThatDoesNotFinishItsHeader_IsClosed(string beginning)
    {
        DarterServer server = await StartAsync("--proxy-protocol=auto", "--request-header-timeout", "0.2");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(beginning);
        Assert.True(await connection.IsClosedAsync());
    }

    [Fact]
    public async Task Header_WithoutTheOption_IsARequestLikeAnyOther()
    {
        DarterServer server = await StartAsync();
        Assert.Equal(400, (await RawConnection.ExchangeAsync(server.Address, Line + Get("/"))).Status);
    }
}
