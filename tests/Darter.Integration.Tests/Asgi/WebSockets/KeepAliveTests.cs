using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Asgi.WebSockets;

/// <summary>Pings, which are the front's business: whatever the application does.</summary>
public class KeepAliveTests(ServerPool pool) : WebSocketTest(pool)
{
    [Fact]
    public async Task Client_ThatDoesNotAnswerPings_IsGone()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("--ws-ping-interval", "0.2", "--ws-ping-timeout", "0.2");
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, $"/waits?port={gate.Port}");
        Assert.Equal("open", await socket.ReadTextAsync());
        for (int i = 0; i < 3; i++)
        {
            WebSocketFrame ping = await socket.ReadAsync();
            Assert.Equal(WebSocketOpcode.Ping, ping.Opcode);
            await socket.WriteAsync(ping with { Opcode = WebSocketOpcode.Pong });
        }

        Assert.Equal((1011, "keepalive ping timeout"), await socket.ReadCloseAsync());
        Assert.Equal("""{"code": 1006, "reason": "", "type": "websocket.disconnect"}""", (await gate.ReachedAsync("left")).Text);
    }

    [Fact]
    public async Task Pings_SwitchedOff_AreNotSent()
    {
        DarterServer server = await StartAsync("--ws-ping-interval", "0");
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, "/echo");
        await socket.WriteAsync("next");
        Assert.Equal("next", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task Ping_WhileTheApplicationBlocksItsLoop_IsAnswered()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync();
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, $"/blocks?port={gate.Port}");
        Assert.Equal("open", await socket.ReadTextAsync());
        await socket.WriteAsync("go");
        Gate.Arrival arrival = await gate.ReachedAsync("blocking");

        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Ping, [.. "alive?"u8]));

        WebSocketFrame pong = await socket.ReadAsync();
        Assert.Equal((WebSocketOpcode.Pong, "alive?"), (pong.Opcode, pong.Text));
        arrival.Release();
        Assert.Equal("free", await socket.ReadTextAsync());
    }
}
