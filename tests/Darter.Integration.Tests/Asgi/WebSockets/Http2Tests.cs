using System.Text;
using Darter.Testing.Http2;
using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Asgi.WebSockets;

/// <summary>RFC 8441, frame by frame: WebSockets as streams of an HTTP/2 connection.</summary>
public class Http2Tests(ServerPool pool) : WebSocketTest(pool)
{
    private const ushort EnableConnectProtocol = 8;

    [Fact]
    public async Task Settings_OfTheServer_AllowExtendedConnect()
    {
        await using RawHttp2Connection connection = await RawHttp2Connection.OpenAsync((await ShareAsync()).Address);
        Http2Frame settings = (await connection.ReadAsync())!;
        Assert.Equal(Http2FrameType.Settings, settings.Type);
        Assert.Contains(
            settings.Payload.Chunk(6),
            setting => (setting[0] << 8 | setting[1]) == EnableConnectProtocol && setting[5] == 1);
    }

    [Fact]
    public async Task Stream_OfAWebSocket_CarriesItsFrames()
    {
        Gate gate = OpenGate();
        await using RawHttp2Connection connection = await RawHttp2Connection.OpenAsync((await ShareAsync()).Address);
        await OpenAsync(connection, 1, $"/echo?port={gate.Port}");

        await WriteAsync(connection, 1, WebSocketFrame.OfText("over HTTP/2"));
        Assert.Equal([0x81, 11, .. "over HTTP/2"u8], await ReadDataAsync(connection, 1, 13));
        await WriteAsync(connection, 1, WebSocketFrame.Close(4000, "bye"));

        List<byte> last = [];
        Http2Frame frame;
        do
        {
            frame = await ReadOfStreamAsync(connection, 1);
            Assert.Equal(Http2FrameType.Data, frame.Type);
            last.AddRange(frame.Payload);
        }
        while ((frame.Flags & Http2Frame.EndStream) == 0);
        Assert.Equal([0x88, 2, 15, 160], last);
        Assert.Equal("""{"code": 4000, "reason": "bye", "type": "websocket.disconnect"}""", (await gate.ReachedAsync("left")).Text);
    }

    [Fact]
    public async Task Streams_OfOneConnection_AreIndependent()
    {
        Gate gate = OpenGate();
        await using RawHttp2Connection connection = await RawHttp2Connection.OpenAsync((await ShareAsync()).Address);
        await OpenAsync(connection, 1, $"/echo?port={gate.Port}");
        await OpenAsync(connection, 3, "/echo");
        await connection.WriteHeadersAsync(5, RawHttp2Connection.Request("GET", "/"));
        Assert.StartsWith("200 ", await connection.ReadOutcomeAsync(5), StringComparison.Ordinal);

        await connection.WriteAsync(new Http2Frame(Http2FrameType.ResetStream, 0, 1, [0, 0, 0, 8]));
        Assert.Equal("""{"code": 1006, "reason": "", "type": "websocket.disconnect"}""", (await gate.ReachedAsync("left")).Text);

        await WriteAsync(connection, 3, WebSocketFrame.OfText("still here"));
        Assert.Equal([0x81, 10, .. "still here"u8], await ReadDataAsync(connection, 3, 12));
    }

    [Fact]
    public async Task Stream_ThatTheClientEndsWithoutACloseFrame_Is1006()
    {
        Gate gate = OpenGate();
        await using RawHttp2Connection connection = await RawHttp2Connection.OpenAsync((await ShareAsync()).Address);
        await OpenAsync(connection, 1, $"/echo?port={gate.Port}");
        await connection.WriteDataAsync(1, "");
        Assert.Equal("""{"code": 1006, "reason": "", "type": "websocket.disconnect"}""", (await gate.ReachedAsync("left")).Text);
    }

    [Fact]
    public async Task Violation_OfAStream_IsClosedWith1002()
    {
        await using RawHttp2Connection connection = await RawHttp2Connection.OpenAsync((await ShareAsync()).Address);
        await OpenAsync(connection, 1, "/echo");
        await connection.WriteDataAsync(1, "\u0081\u0001a", end: false);
        byte[] close = await ReadDataAsync(connection, 1, 4);
        Assert.Equal([0x88, close[1], 3, 234], close);
    }

    [Theory]
    [InlineData("connect-udp")]
    [InlineData(null)]
    public async Task Connect_ForSomethingElse_IsRefused(string? protocol)
    {
        await using RawHttp2Connection connection = await RawHttp2Connection.OpenAsync((await ShareAsync()).Address);
        byte[] block = protocol is null
            ? RawHttp2Connection.Encode((":method", "CONNECT"), (":authority", "example.com:80"))
            : Handshake("/echo", protocol);
        await connection.WriteHeadersAsync(1, block, end: false);
        Assert.StartsWith("501", await connection.ReadOutcomeAsync(1), StringComparison.Ordinal);
    }

    private static byte[] Handshake(string target, string protocol = "websocket") =>
        RawHttp2Connection.Request("CONNECT", target, (":protocol", protocol), ("sec-websocket-version", "13"));

    private static async Task OpenAsync(RawHttp2Connection connection, int stream, string target)
    {
        await connection.WriteHeadersAsync(stream, Handshake(target), end: false);
        Http2Frame head = await ReadOfStreamAsync(connection, stream);
        Assert.Equal(Http2FrameType.Headers, head.Type);

        // Behind an update of the table's size, the first entry of the static table for a status: 200.
        Assert.Contains((byte)0x88, head.Payload[..Math.Min(3, head.Payload.Length)]);
        Assert.Equal(0, head.Flags & Http2Frame.EndStream);
    }

    private static Task WriteAsync(RawHttp2Connection connection, int stream, WebSocketFrame frame) =>
        connection.WriteDataAsync(stream, Encoding.Latin1.GetString(frame.ToMaskedBytes()), end: false);

    private static async Task<byte[]> ReadDataAsync(RawHttp2Connection connection, int stream, int count)
    {
        List<byte> data = [];
        while (data.Count < count)
        {
            Http2Frame frame = await ReadOfStreamAsync(connection, stream);
            Assert.Equal(Http2FrameType.Data, frame.Type);
            data.AddRange(frame.Payload);
        }

        return [.. data.Take(count)];
    }

    private static async Task<Http2Frame> ReadOfStreamAsync(RawHttp2Connection connection, int stream)
    {
        while (true)
        {
            Http2Frame frame = await connection.ReadAsync() ?? throw new InvalidDataException("The connection has ended.");
            if (frame is { Type: Http2FrameType.Settings, Flags: 0 })
            {
                await connection.WriteAsync(frame with { Flags = 1, Payload = [] });
            }
            else if (frame.Stream == stream && frame.Type != Http2FrameType.WindowUpdate)
            {
                return frame;
            }
        }
    }
}
