using System.Globalization;
using System.Net.WebSockets;
using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Asgi.WebSockets;

/// <summary>The end of a WebSocket, by each side: the codes that the other side is told.</summary>
public class ClosingTests(ServerPool pool) : WebSocketTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [InlineData(HttpProtocol.Http1, 1000, "")]
    [InlineData(HttpProtocol.Http1, 4321, "gr\u00fc\u00dfe")]
    [InlineData(HttpProtocol.Http2, 1001, "leaving")]
    [InlineData(HttpProtocol.Http2, 3000, "")]
    public async Task Client_ThatCloses_IsTheApplicationsDisconnect(HttpProtocol protocol, int code, string reason)
    {
        Gate gate = OpenGate();
        ClientWebSocket client = await ConnectAsync(await ShareAsync(), protocol, $"/echo?port={gate.Port}");
        await Wait.For(client.CloseAsync((WebSocketCloseStatus)code, reason, Cancellation), "the close");
        Assert.Equal((WebSocketState.Closed, code), (client.State, (int)client.CloseStatus!));
        Assert.Equal(Disconnect(code, reason), (await gate.ReachedAsync("left")).Text);
    }

    [Fact]
    public async Task Client_ThatClosesWithoutACode_Is1005()
    {
        Gate gate = OpenGate();
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync()).Address, $"/echo?port={gate.Port}");
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Close, []));
        Assert.Equal((1000, ""), await socket.ReadCloseAsync());
        Assert.True(await socket.Connection.IsClosedAsync());
        Assert.Equal(Disconnect(1005, ""), (await gate.ReachedAsync("left")).Text);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Client_ThatIsGone_Is1006(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync();
        ClientWebSocket client = await ConnectAsync(server, protocol, $"/waits?port={gate.Port}");
        Assert.Equal("open", await ReceiveTextAsync(client));
        client.Abort();
        Assert.Equal(Disconnect(1006, ""), (await gate.ReachedAsync("left")).Text);
        await AssertStillServesAsync(server);
    }

    [Fact]
    public async Task Send_AfterTheClientHasLeft_Raises()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync();
        int mark = server.Log.Count;
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, $"/sends_after_disconnect?port={gate.Port}");
        socket.Connection.Abort();
        Assert.Equal("ClientDisconnected", (await gate.ReachedAsync("left")).Text);
        Assert.DoesNotContain("Traceback", server.Log.Since(mark), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1000, "")]
    [InlineData("code=1001", 1001, "")]
    [InlineData("code=3999&reason=because", 3999, "because")]
    [InlineData("code=4999&reason=gr%C3%BC%C3%9Fe", 4999, "gr\u00fc\u00dfe")]
    public async Task Application_ThatCloses_IsTheClientsClose(string query, int code, string reason)
    {
        DarterServer server = await ShareAsync();
        foreach (HttpProtocol protocol in Rows.Protocols)
        {
            ClientWebSocket client = await ConnectAsync(server, protocol, $"/closes?{query}");
            Assert.Equal((code, reason), await ReceiveCloseAsync(client));
            await Wait.For(client.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Cancellation), "the end");
        }
    }

    [Fact]
    public async Task Application_ThatCloses_ReceivesADisconnectWithItsCode()
    {
        Gate gate = OpenGate();
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync()).Address, $"/closes_amid?port={gate.Port}");
        await socket.WriteAsync("now");
        Assert.Equal((4000, "enough"), await socket.ReadCloseAsync());
        Assert.Equal(Disconnect(4000, "enough"), (await gate.ReachedAsync("left")).Text);
        await socket.WriteAsync("too late");
        await socket.WriteAsync(WebSocketFrame.Close(4000));
        Assert.True(await socket.Connection.IsClosedAsync());
    }

    [Theory]
    [InlineData("/returns", 1000, null)]
    [InlineData("/raises", 1011, "ValueError: raised while it was open")]
    [InlineData("/closes?code=999", 1011, "ValueError: 999 is not a close code that can be sent")]
    [InlineData("/closes?code=1005", 1011, "ValueError: 1005 is not a close code that can be sent")]
    [InlineData("/closes?reason=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 1011, "ValueError: the reason of a close")]
    [InlineData("/unexpected?type=websocket.nothing", 1011, "RuntimeError: unexpected ASGI message 'websocket.nothing'")]
    [InlineData("/unexpected?type=websocket.accept", 1011, "RuntimeError: unexpected ASGI message 'websocket.accept': the WebSocket has been accepted")]
    [InlineData("/unexpected?type=http.response.start", 1011, "RuntimeError: unexpected ASGI message 'http.response.start'")]
    public async Task Application_ThatEnds_ClosesWithADefinedCode(string target, int code, string? cause)
    {
        DarterServer server = await ShareAsync();
        foreach (HttpProtocol protocol in Rows.Protocols)
        {
            int mark = server.Log.Count;
            ClientWebSocket client = await ConnectAsync(server, protocol, target);
            (WebSocketMessageType Type, byte[] Content) message;
            do
            {
                message = await ReceiveAsync(client);
            }
            while (message.Type != WebSocketMessageType.Close);

            Assert.Equal((code, ""), ((int)client.CloseStatus!, client.CloseStatusDescription));
            if (cause is not null)
            {
                await server.Log.WaitForAsync(cause, mark);
                await server.Log.WaitForAsync("the WebSocket is closed with 1011, since the application raised an exception", mark);
            }
        }

        await AssertStillServesAsync(server);
    }

    private static string Disconnect(int code, string reason)
    {
        string escaped = string.Concat(reason.EnumerateRunes().Select(rune =>
            rune.IsAscii ? rune.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}")));
        return $$"""{"code": {{code}}, "reason": "{{escaped}}", "type": "websocket.disconnect"}""";
    }
}
