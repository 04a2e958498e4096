using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Asgi.WebSockets;

/// <summary>Clients that break RFC 6455: they are told how, so is the application, and nobody else notices.</summary>
public class ProtocolTests(ServerPool pool) : WebSocketTest(pool)
{
    private static readonly (string Name, byte[] Bytes, int Code)[] Violations =
    [
        ("not masked", [0x81, 1, (byte)'a'], 1002),
        ("reserved bit 1", Frame(WebSocketOpcode.Text, "a"u8, reserved: 4), 1002),
        ("reserved bit 2", Frame(WebSocketOpcode.Text, "a"u8, reserved: 2), 1002),
        ("reserved bit 3", Frame(WebSocketOpcode.Text, "a"u8, reserved: 1), 1002),
        ("unknown data opcode", Frame((WebSocketOpcode)3, "a"u8), 1002),
        ("unknown control opcode", Frame((WebSocketOpcode)11, "a"u8), 1002),
        ("fragmented ping", Frame(WebSocketOpcode.Ping, "a"u8, final: false), 1002),
        ("long ping", Frame(WebSocketOpcode.Ping, new byte[126]), 1002),
        ("long close", Frame(WebSocketOpcode.Close, [3, 232, .. new byte[124]]), 1002),
        ("fragmented close", Frame(WebSocketOpcode.Close, [3, 232], final: false), 1002),
        ("continuation of nothing", Frame(WebSocketOpcode.Continuation, "a"u8), 1002),
        ("message within a message", [.. Frame(WebSocketOpcode.Text, "a"u8, final: false), .. Frame(WebSocketOpcode.Binary, "b"u8)], 1002),
        ("close of one byte", Frame(WebSocketOpcode.Close, [3]), 1002),
        ("close code 0", Frame(WebSocketOpcode.Close, [0, 0]), 1002),
        ("close code 1004", Frame(WebSocketOpcode.Close, [3, 236]), 1002),
        ("close code 1005", Frame(WebSocketOpcode.Close, [3, 237]), 1002),
        ("close code 1006", Frame(WebSocketOpcode.Close, [3, 238]), 1002),
        ("close code 2999", Frame(WebSocketOpcode.Close, [11, 183]), 1002),
        ("close code 5000", Frame(WebSocketOpcode.Close, [19, 136]), 1002),
        ("close reason that is no UTF-8", Frame(WebSocketOpcode.Close, [3, 232, 0xff]), 1007),
        ("length with the highest bit", [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], 1002),
        ("text that is no UTF-8", Frame(WebSocketOpcode.Text, [0xc3, 0x28]), 1007),
        ("text that ends within a character", Frame(WebSocketOpcode.Text, [0xe2, 0x82]), 1007),
        ("surrogate", Frame(WebSocketOpcode.Text, [0xed, 0xa0, 0x80]), 1007),
        ("overlong", Frame(WebSocketOpcode.Text, [0xc0, 0xaf]), 1007),
        ("beyond Unicode", Frame(WebSocketOpcode.Text, [0xf4, 0x90, 0x80, 0x80]), 1007),
        ("wrong byte before the end of the message", [.. Frame(WebSocketOpcode.Text, "\u20ac"u8, final: false), .. Frame(WebSocketOpcode.Continuation, [0xff], final: false)], 1007),
    ];

    public static TheoryData<string> Names => new(Violations.Select(violation => violation.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Client_ThatViolatesTheProtocol_IsClosed(string name)
    {
        (_, byte[] bytes, int code) = Violations.Single(violation => violation.Name == name);
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync();
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, $"/echo?port={gate.Port}");
        await socket.WriteAsync("before");
        Assert.Equal("before", await socket.ReadTextAsync());

        await socket.Connection.WriteAsync(bytes);

        Assert.Equal(code, (await socket.ReadCloseAsync()).Code);
        Assert.True(await socket.Connection.IsClosedAsync());
        Assert.StartsWith($$"""{"code": {{code}}, """, (await gate.ReachedAsync("left")).Text, StringComparison.Ordinal);
        await AssertStillServesAsync(server);
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    public async Task Message_LargerThanTheOption_ClosesWith1009(int size, bool isAllowed)
    {
        DarterServer server = await ShareAsync("websocket", "--ws-max-size", "1000");
        await using RawWebSocket whole = await RawWebSocket.OpenAsync(server.Address, "/echo");
        await whole.WriteAsync(new WebSocketFrame(WebSocketOpcode.Binary, new byte[size]));
        await using RawWebSocket frames = await RawWebSocket.OpenAsync(server.Address, "/echo");
        await frames.WriteAsync(new WebSocketFrame(WebSocketOpcode.Binary, new byte[size - 1], IsFinal: false));
        await frames.WriteAsync(new WebSocketFrame(WebSocketOpcode.Continuation, new byte[1]));
        foreach (RawWebSocket socket in (RawWebSocket[])[whole, frames])
        {
            if (isAllowed)
            {
                Assert.Equal(size, (await socket.ReadAsync()).Payload.Length);
            }
            else
            {
                Assert.Equal((1009, "message too big"), await socket.ReadCloseAsync());
                Assert.True(await socket.Connection.IsClosedAsync());
            }
        }
    }

    [Fact]
    public async Task CompressedMessage_ThatInflatesBeyondTheOption_ClosesWith1009()
    {
        DarterServer server = await ShareAsync("websocket", "--ws-max-size", "1000");
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, "/echo", "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        using var compressed = new MemoryStream();
        await using (var deflate = new System.IO.Compression.DeflateStream(compressed, System.IO.Compression.CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await deflate.WriteAsync(new byte[50_000_000], Cancellation);
        }

        await socket.Connection.WriteAsync(new WebSocketFrame(WebSocketOpcode.Binary, compressed.ToArray(), Reserved: 4).ToMaskedBytes());

        Assert.Equal((1009, "message too big"), await socket.ReadCloseAsync());
        await AssertStillServesAsync(server);
    }

    [Fact]
    public async Task CompressedMessage_ThatIsNone_ClosesWith1007()
    {
        DarterServer server = await ShareAsync();
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, "/echo", "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Text, [0xff, 0xff, 0xff, 0xff], Reserved: 4));
        Assert.Equal(1007, (await socket.ReadCloseAsync()).Code);
        await AssertStillServesAsync(server);
    }

    [Fact]
    public async Task Bytes_OfAnyKind_EndTheirOwnWebSocketOnly()
    {
        DarterServer server = await ShareAsync();
        var random = new Random(7);
        await using RawWebSocket witness = await RawWebSocket.OpenAsync(server.Address, "/echo");
        for (int i = 0; i < 200; i++)
        {
            await using RawWebSocket socket = await RawWebSocket.OpenAsync(
                server.Address, "/echo", i % 2 == 0 ? "" : "Sec-WebSocket-Extensions: permessage-deflate\r\n");
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            await socket.Connection.WriteAsync(bytes);
            socket.Connection.ShutdownSend();
            await socket.Connection.ReadToEndAsync();
        }

        await witness.WriteAsync("still here");
        Assert.Equal("still here", await witness.ReadTextAsync());
    }

    private static byte[] Frame(WebSocketOpcode opcode, ReadOnlySpan<byte> payload, bool final = true, byte reserved = 0) =>
        new WebSocketFrame(opcode, payload.ToArray(), final, reserved).ToMaskedBytes();
}
