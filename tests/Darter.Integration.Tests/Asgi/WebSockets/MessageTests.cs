using System.Net.WebSockets;
using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Asgi.WebSockets;

/// <summary>websocket.receive and websocket.send: messages in both directions, whole and in frames.</summary>
public class MessageTests(ServerPool pool) : WebSocketTest(pool)
{
    public static MatrixTheoryData<HttpProtocol, bool> Variants => new(Rows.Protocols, [false, true]);

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Messages_OfAnyKindAndSize_ComeBack(HttpProtocol protocol, bool deflate)
    {
        ClientWebSocket client = await ConnectAsync(await ShareAsync(), protocol, "/echo", options =>
            options.DangerousDeflateOptions = deflate ? new WebSocketDeflateOptions() : null);
        foreach (int size in (int[])[0, 1, 125, 126, 127, 1000, 65535, 65536, 70_000, 1_000_000])
        {
            var content = new byte[size];
            new Random(size).NextBytes(content.AsSpan(size / 2));
            await client.SendAsync(content, WebSocketMessageType.Binary, endOfMessage: true, Cancellation);
            (WebSocketMessageType type, byte[] received) = await ReceiveAsync(client);
            Assert.Equal(WebSocketMessageType.Binary, type);
            Assert.Equal(content, received);
        }

        foreach (string text in (string[])["", "hello", "gr\u00fc\u00dfe \u2713 \U0001f600", new string('\u00e4', 100_000)])
        {
            await SendAsync(client, text);
            Assert.Equal(text, await ReceiveTextAsync(client));
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Messages_OfManyInARow_KeepTheirOrder(HttpProtocol protocol, bool deflate)
    {
        ClientWebSocket client = await ConnectAsync(await ShareAsync(), protocol, "/echo", options =>
            options.DangerousDeflateOptions = deflate ? new WebSocketDeflateOptions() : null);
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < 2000; i++)
            {
                await SendAsync(client, $"{i} {new string('x', i % 500)}");
            }
        }, Cancellation);
        for (int i = 0; i < 2000; i++)
        {
            Assert.Equal($"{i} {new string('x', i % 500)}", await ReceiveTextAsync(client));
        }

        await sending;
    }

    [Fact]
    public async Task Message_InFrames_IsPutTogether()
    {
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync()).Address, "/echo");
        byte[] euro = "\u20ac"u8.ToArray();
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Text, [.. "a"u8, euro[0]], IsFinal: false));
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Ping, [.. "in between"u8]));
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Continuation, [], IsFinal: false));
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Continuation, [euro[1], euro[2]], IsFinal: false));
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Continuation, [.. "z"u8]));

        WebSocketFrame pong = await socket.ReadAsync();
        Assert.Equal((WebSocketOpcode.Pong, "in between"), (pong.Opcode, pong.Text));
        Assert.Equal("a\u20acz", await socket.ReadTextAsync());
    }

    [Fact]
    public async Task Frames_ByteByByte_AreRead()
    {
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync()).Address, "/echo");
        foreach (byte value in (byte[])[.. WebSocketFrame.OfText("slow").ToMaskedBytes(), .. new WebSocketFrame(WebSocketOpcode.Binary, new byte[200]).ToMaskedBytes()])
        {
            await socket.Connection.WriteAsync(new[] { value });
        }

        Assert.Equal("slow", await socket.ReadTextAsync());
        Assert.Equal(200, (await socket.ReadAsync()).Payload.Length);
    }

    [Fact]
    public async Task Pong_ThatNobodyAskedFor_IsIgnored()
    {
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync()).Address, "/echo");
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Pong, [.. "unasked"u8]));
        await socket.WriteAsync("next");
        Assert.Equal("next", await socket.ReadTextAsync());
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task Compression_IsAsTheOptionSays(string option, bool agreed)
    {
        DarterServer server = await StartAsync("--ws-per-message-deflate", option);
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, "/repeats?text=again-&times=1000", "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        Assert.Equal(agreed, socket.Answer!["sec-websocket-extensions"] is not null);
        WebSocketFrame frame = await socket.ReadAsync();
        Assert.Equal(agreed ? 4 : 0, frame.Reserved);
        Assert.Equal(agreed, frame.Payload.Length < 6000);
    }
}
