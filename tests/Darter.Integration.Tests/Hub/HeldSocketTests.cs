using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Darter.Integration.Tests.Asgi.WebSockets;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Hub;

/// <summary>WebSockets of a Flask view, held by the front.</summary>
public class HeldSocketTests(ServerPool pool) : WebSocketTest(pool)
{
    private string? _folder;

    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    private string Folder => _folder ??= TemporaryFolder();

    private string PublishSocket => Path.Combine(Folder, "publish.sock");

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task WebSocket_OfAFlaskView_TalksAndGetsWhatIsPublished(HttpProtocol protocol)
    {
        DarterServer server = await StartFlaskAsync("--access-logfile", "-", "--access-logformat", "%(m)s %(U)s %(s)s %(X)s");
        ClientWebSocket ann = await ConnectAsync(server, protocol, "/room/1");
        ClientWebSocket bea = await ConnectAsync(server, protocol, "/room/1", options => options.DangerousDeflateOptions = new WebSocketDeflateOptions());
        ClientWebSocket cid = await ConnectAsync(server, protocol, "/room/2");

        await SendAsync(ann, "hellö");
        Assert.Equal("1: hellö in 1", await ReceiveTextAsync(ann));
        await bea.SendAsync(new byte[] { 1, 2, 3 }, WebSocketMessageType.Binary, endOfMessage: true, Cancellation);
        (WebSocketMessageType type, byte[] content) = await ReceiveAsync(bea);
        Assert.Equal(WebSocketMessageType.Binary, type);
        Assert.Equal([3, 2, 1], content);

        await PublishAsync("1", new string('x', 1000));
        Assert.Equal((new string('x', 1000), new string('x', 1000)), (await ReceiveTextAsync(ann), await ReceiveTextAsync(bea)));
        await SendAsync(cid, "quiet");
        Assert.Equal("1: quiet in 2", await ReceiveTextAsync(cid));

        await SendAsync(ann, "close");
        Assert.Equal((4001, "enough"), await ReceiveCloseAsync(ann));
        await bea.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Cancellation);
        cid.Abort();
        string[] expected = ["1:CLOSE", "2:DISCONNECT"];
        await Wait.Until(async () => expected.SequenceEqual((await TextAsync(server, "/ended")).Split(' ').Order()), () => "the application to be told of both ends");

        // The line of the handshake comes at the end; the requests with events have none.
        string line = await server.Output.WaitForAsync("/room/2");
        Assert.EndsWith(" /room/2 101 client-left", line, StringComparison.Ordinal);
        Assert.DoesNotContain("POST", server.Output.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task WebSocket_ThatNoViewAccepts_IsDenied(HttpProtocol protocol)
    {
        DarterServer server = await StartFlaskAsync();
        Assert.Equal(404, await AskForDeniedAsync(server, protocol, "/nothing"));
        Assert.Equal(405, await AskForDeniedAsync(server, protocol, "/get-only"));
    }

    [Fact]
    public async Task WebSocket_OutlivesReloadAndDeathOfItsWorkers()
    {
        DarterServer server = await StartFlaskAsync("--graceful-timeout", "20");
        ClientWebSocket client = await ConnectAsync(server, HttpProtocol.Http1, "/room/1");
        ClientWebSocket other = await ConnectAsync(server, HttpProtocol.Http2, "/room/1");
        await SendAsync(client, "a");
        Assert.Equal("1: a in 1", await ReceiveTextAsync(client));

        SetVersion("2");
        server.Send(Signal.Hangup);
        await Wait.Until(async () => await TextAsync(server, "/") == "2", () => "the new code to serve");
        await SendAsync(client, "b");
        Assert.Equal("2: b in 1", await ReceiveTextAsync(client));

        // Another WebSocket's event kills the worker: that one is closed, this one is not.
        await SendAsync(other, "crash");
        Assert.Equal(1011, (await ReceiveCloseAsync(other)).Code);
        await server.Log.WaitForAsync("/room/1: the WebSocket ");
        await SendAsync(client, "c");
        Assert.Equal("2: c in 1", await ReceiveTextAsync(client));
        await PublishAsync("1", "news");
        Assert.Equal("news", await ReceiveTextAsync(client));
    }

    [Theory]
    [InlineData("fail", "the application answered 500")]
    [InlineData("rubbish", "the application's answer is malformed: the content of an event does not have its length")]
    public async Task WebSocket_OfAnApplicationThatFails_IsClosedWith1011(string message, string cause)
    {
        DarterServer server = await StartFlaskAsync();
        ClientWebSocket client = await ConnectAsync(server, HttpProtocol.Http1, "/room/1");
        await SendAsync(client, message);
        Assert.Equal((1011, ""), await ReceiveCloseAsync(client));
        Assert.Contains("is closed with 1011, since " + cause, await server.Log.WaitForAsync("/room/1: the WebSocket "), StringComparison.Ordinal);
    }

    private async Task<DarterServer> StartFlaskAsync(params string[] arguments)
    {
        File.Copy(Path.Combine(RepositoryPaths.WsgiApp("flask-socket"), "app.py"), Path.Combine(Folder, "app.py"));
        SetVersion("1");
        return await StartAsync(new DarterServerOptions
        {
            Target = Path.Combine(Folder, "app.py"),
            Python = Require.SystemPython("flask"),
            Arguments = ["--publish-bind", $"unix:{PublishSocket}", .. arguments],
        });
    }

    private void SetVersion(string version)
    {
        string path = Path.Combine(Folder, "version.py");
        File.WriteAllText(path + ".new", $"VERSION = '{version}'\n");
        File.Move(path + ".new", path, overwrite: true);
    }

    private async Task PublishAsync(string channel, string content)
    {
        string format = $$"""{"ws-message": {"content": "{{content}}"} }""";
        string body = $$"""{"items": [{"channel": "{{channel}}", "formats": {{format}} }]}""";
        RawResponse response = await RawConnection.ExchangeAsync(
            new ServerAddress(new UnixDomainSocketEndPoint(PublishSocket), "localhost"),
            $"POST /publish/ HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}",
            "POST");
        Assert.True(response.Status == 200, response.Text);
    }

    private static async Task<string> TextAsync(DarterServer server, string target) => (await AskAsync(server, target)).Text;
}
