using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Darter.Integration.Tests.Asgi;
using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Tornado;

/// <summary>WebSocket handlers of Tornado.</summary>
public class WebSocketTests(ServerPool pool) : TornadoTest(pool)
{
    private const int Much = 64 * 1024 * 1024;
    private const int Bound = 24 * 1024 * 1024;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Messages_ComeBack(HttpProtocol protocol)
    {
        using var client = new ClientWebSocket();
        client.Options.HttpVersion = protocol == HttpProtocol.Http2 ? new Version(2, 0) : new Version(1, 1);
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        await Wait.For(client.ConnectAsync(new Uri($"ws://{(await ShareAsync("websocket")).Address.Authority}/echo"), invoker, Cancellation), "the handshake");
        foreach ((WebSocketMessageType type, byte[] content) in new[]
        {
            (WebSocketMessageType.Text, Encoding.UTF8.GetBytes("gr\u00fc\u00dfe")),
            (WebSocketMessageType.Binary, new byte[300_000]),
            (WebSocketMessageType.Text, []),
        })
        {
            await client.SendAsync(content, type, endOfMessage: true, Cancellation);
            var received = new MemoryStream();
            var buffer = new byte[65536];
            ValueWebSocketReceiveResult result;
            do
            {
                result = await Wait.For(client.ReceiveAsync(buffer.AsMemory(), Cancellation).AsTask(), "a message");
                received.Write(buffer, 0, result.Count);
            }
            while (!result.EndOfMessage);
            Assert.Equal(type, result.MessageType);
            Assert.Equal(content, received.ToArray());
        }

        await Wait.For(client.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Cancellation), "the close");
    }

    [Fact]
    public async Task Handshake_HasTheHandlersFieldsAndSubprotocol()
    {
        DarterServer server = await ShareAsync("websocket");
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, "/chosen", "Sec-WebSocket-Protocol: first, second\r\n");
        Assert.Equal(("second", "yes"), (socket.Answer!["Sec-WebSocket-Protocol"], socket.Answer["X-Own"]));
        Assert.Equal("[\"second\", \"http\", \"127.0.0.1\"]", await socket.ReadTextAsync());

        await using RawWebSocket other = await RawWebSocket.OpenAsync(server.Address, "/chosen", "Sec-WebSocket-Protocol: third\r\n");
        Assert.Null(other.Answer!["Sec-WebSocket-Protocol"]);
    }

    [Theory]
    [InlineData("/echo", "Origin: http://elsewhere.example\r\n", 403)]
    [InlineData("/private", "", 302)]
    [InlineData("/nowhere", "", 404)]
    public async Task Handler_ThatDenies_AnswersAsItLikes(string target, string fields, int status)
    {
        await using RawWebSocket socket = await RawWebSocket.AskAsync((await ShareAsync("websocket")).Address, target, fields);
        Assert.Equal(status, (await socket.Connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("/echo", "Origin: http://h\r\n")]
    [InlineData("/anywhere", "Origin: http://elsewhere.example\r\n")]
    public async Task Origin_ThatIsAllowed_IsAccepted(string target, string fields)
    {
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync("websocket")).Address, target, fields);
        await socket.WriteAsync("hello");
        Assert.Equal("hello", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task Request_WithoutUpgrade_IsTornadosError()
    {
        RawResponse response = await AskAsync(await ShareAsync("websocket"), "/echo");
        Assert.Equal((400, "Can \"Upgrade\" only to \"WebSocket\"."), (response.Status, response.Text));
    }

    [Theory]
    [InlineData("[]", 1000, "")]
    [InlineData("[4321, \"gr\u00fc\u00dfe\"]", 4321, "gr\u00fc\u00dfe")]
    [InlineData("[null, \"because\"]", 1000, "because")]
    public async Task Handler_ThatCloses_IsTheClientsClose(string arguments, int code, string reason)
    {
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync("websocket")).Address, "/closing");
        await socket.WriteAsync(arguments);
        Assert.Equal((code, reason), await socket.ReadCloseAsync());
    }

    [Theory]
    [InlineData(4001, "bye", "[4001, \"bye\"]")]
    [InlineData(1000, "", "[1000, null]")]
    public async Task Client_ThatCloses_IsTheHandlersEnd(int code, string reason, string expected)
    {
        Gate gate = OpenGate();
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync("websocket")).Address, $"/echo?port={gate.Port}");
        await socket.WriteAsync(WebSocketFrame.Close(code, reason));
        Assert.Equal(code, (await socket.ReadCloseAsync()).Code);
        Assert.Equal(expected, (await gate.ReachedAsync("left")).Text);
    }

    [Fact]
    public async Task Client_ThatIsGone_HasNoCode()
    {
        Gate gate = OpenGate();
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync("websocket")).Address, $"/echo?port={gate.Port}");
        socket.Connection.Abort();
        Assert.Equal("[null, null]", (await gate.ReachedAsync("left")).Text);
    }

    [Fact]
    public async Task Handler_ThatFails_Closes()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("websocket");
        int mark = server.Log.Count;
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, $"/failing?port={gate.Port}");
        await socket.WriteAsync("x");
        Assert.Equal(1011, (await socket.ReadCloseAsync()).Code);
        await gate.ReachedAsync("left");
        await server.Log.WaitForAsync("ValueError: it is meant to fail", mark);
    }

    [Fact]
    public async Task Message_ThatIsTooLarge_Closes()
    {
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync("websocket")).Address, "/small");
        await socket.WriteAsync("ten bytes.");
        Assert.Equal("ten bytes.", await socket.ReadTextAsync());
        await socket.WriteAsync("eleven byte");
        Assert.Equal((1009, "message too big"), await socket.ReadCloseAsync());
    }

    [Fact]
    public async Task Ping_IsAnsweredToTheHandler()
    {
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync("websocket")).Address, "/pinging");

        // A pong before the handler has pinged is nobody's.
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Pong, [.. "early"u8]));
        await socket.WriteAsync("are you there");
        WebSocketFrame ping = await socket.ReadAsync();
        Assert.Equal((WebSocketOpcode.Ping, "are you there"), (ping.Opcode, ping.Text));
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Text, [.. "in"u8], IsFinal: false));
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Pong, ping.Payload));
        Assert.Equal("pong are you there", await socket.ReadTextAsync());
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Continuation, [.. " pieces"u8]));
        ping = await socket.ReadAsync();
        Assert.Equal((WebSocketOpcode.Ping, "in pieces"), (ping.Opcode, ping.Text));
    }

    [Fact]
    public async Task PingOfTheClient_IsAnsweredAndPassedOn()
    {
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync("websocket")).Address, "/pinged");
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Text, [.. "in "u8], IsFinal: false));
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Ping, [.. "there?"u8]));
        WebSocketFrame pong = await socket.ReadAsync();
        Assert.Equal((WebSocketOpcode.Pong, "there?"), (pong.Opcode, pong.Text));
        Assert.Equal("ping there?", await socket.ReadTextAsync());
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Continuation, [.. "pieces"u8]));
        Assert.Equal("in pieces", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task PingsToAHandlerThatIsSlow_StopTheClient()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("websocket");
        using Socket socket = await server.Address.ConnectAsync(cancellation: Cancellation);
        await socket.SendAsync(Encoding.ASCII.GetBytes(RawWebSocket.Request($"/pinged?port={gate.Port}")), Cancellation);
        byte[] frame = new WebSocketFrame(WebSocketOpcode.Ping, new byte[125]).ToMaskedBytes();
        Assert.InRange(await SlowSocket.FillAsync(socket, frame, Much), 1, Bound);
        await gate.ReachedAsync("ping");
        Assert.False(gate.IsReached("ping"));
        Assert.Equal(400, (await AskAsync(server, "/echo")).Status);
    }

    [Fact]
    public async Task Handler_ThatIsSlow_StopsTheClient()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("websocket");
        using Socket socket = await server.Address.ConnectAsync(cancellation: Cancellation);
        await socket.SendAsync(Encoding.ASCII.GetBytes(RawWebSocket.Request($"/slow?port={gate.Port}")), Cancellation);
        byte[] frame = new WebSocketFrame(WebSocketOpcode.Binary, new byte[65536]).ToMaskedBytes();
        Assert.InRange(await SlowSocket.FillAsync(socket, frame, Much), 1, Bound);
        Assert.Equal("65536", (await gate.ReachedAsync("message")).Text);
        Assert.False(gate.IsReached("message"));
        Assert.Equal(400, (await AskAsync(server, "/echo")).Status);
    }

    [Fact]
    public async Task Client_ThatDoesNotRead_MakesWritingWait()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("websocket");
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, $"/flood?count={Much / 65536}&port={gate.Port}");
        long taken = long.Parse((await gate.ReachedAsync("blocked")).Text, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(taken, 1, Bound);
        Assert.Equal(400, (await AskAsync(server, "/echo")).Status);
        for (int number = 0; number < Much / 65536; number++)
        {
            int size = 0;
            WebSocketFrame frame;
            do
            {
                frame = await socket.ReadAsync();
                size += frame.Payload.Length;
            }
            while (!frame.IsFinal);
            Assert.Equal(65536, size);
        }

        Assert.Equal("done", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task Handler_ThatWritesToOneWhoIsGone_IsTold()
    {
        Gate gate = OpenGate();
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync("websocket")).Address, $"/late?port={gate.Port}");
        await socket.WriteAsync("x");
        Gate.Arrival arrival = await gate.ReachedAsync("message");
        socket.Connection.Abort();
        arrival.Release();
        Assert.Equal("WebSocketClosedError", (await gate.ReachedAsync("written")).Text);
        Assert.Equal("[null, null]", (await gate.ReachedAsync("left")).Text);
    }

    [Fact]
    public async Task Server_ThatStops_IsTheHandlersEnd()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("websocket");
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, $"/echo?port={gate.Port}");
        Task<int> stopping = server.StopAsync();
        Assert.Equal(1001, (await socket.ReadCloseAsync()).Code);
        await socket.WriteAsync(WebSocketFrame.Close(1001));
        Assert.Equal("[1001, null]", (await gate.ReachedAsync("left")).Text);
        Assert.Equal(0, await Wait.For(stopping, "the end"));
        Assert.DoesNotContain("Traceback", server.Log.Text, StringComparison.Ordinal);
    }
}
