using System.IO.Compression;
using System.Security.Cryptography;
using Darter.Server.Configuration;
using Darter.Server.Tests.WebSockets;
using Darter.Server.WebSockets;
using Darter.Wire;

namespace Darter.Server.Tests.Applications;

/// <summary>Large messages, many messages, and peers that are slow.</summary>
public sealed class WebSocketFlowTests
{
    private const int Window = ChannelFormat.InitialRequestWindow;

    [Fact]
    public async Task Message_LargerThanTheWindow_IsPassedOnAsTheWorkerTakesIt()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        uint stream = await AcceptAsync(front, peer);
        byte[] message = RandomNumberGenerator.GetBytes(3 * 1024 * 1024);
        Task sending = peer.SendAsync(FrameOpcode.Binary, message);

        List<byte> received = [];
        int window = Window;
        bool end = false;
        while (!end)
        {
            (FrameHeader header, byte[] payload) = front.Worker.Read();
            Assert.Equal((FrameType.Message, (byte)MessageKind.Binary), (header.Type, payload[0]));
            Assert.True(payload.Length <= 1 + ChannelFormat.MaxBodyChunk);
            received.AddRange(payload.AsSpan(1));
            int charge = Math.Max(payload.Length - 1, Window / 32);
            window -= charge;
            Assert.True(window >= 0, "the front sent more than it was granted");
            end = header.Flags == FrameFlags.End;
            front.Worker.Grant(stream, charge);
            window += charge;
        }

        await sending;
        Assert.Equal(message, received);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(5)]
    public async Task Messages_ThatTheApplicationDoesNotTake_AreHeldBack(int maxQueue)
    {
        await using FrontHarness front = await FrontHarness.StartAsync(configure: config =>
            config with { WebSockets = new WebSocketConfig { MaxQueue = maxQueue, PingInterval = TimeSpan.Zero } });
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        uint stream = await AcceptAsync(front, peer);
        for (int i = 0; i < 3 * maxQueue; i++)
        {
            await peer.SendTextAsync(i % 3 == 0 ? "" : $"{i}");
        }

        // A ping behind them is not read before them. What is next on the channel is the answer to another client.
        for (int i = 0; i < maxQueue; i++)
        {
            Assert.Equal(i % 3 == 0 ? "" : $"{i}", front.Worker.ExpectText(stream));
        }

        await using WebSocketPeer other = await WebSocketPeer.AskAsync(front.Address, target: "/other");
        (uint second, string target) = front.Worker.ReadRequest();
        Assert.Equal("/other", target);
        front.Worker.Accept(second);
        await other.ReadAnswerAsync();

        int charge = Window / maxQueue;
        for (int i = maxQueue; i < 3 * maxQueue; i++)
        {
            front.Worker.Grant(stream, charge);
            Assert.Equal(i % 3 == 0 ? "" : $"{i}", front.Worker.ExpectText(stream));
        }

        // Closing needs no window.
        await peer.SendCloseAsync(1000);
        front.Worker.Grant(stream, charge);
        Assert.Equal((1000, ""), front.Worker.ExpectClose(stream));
    }

    [Fact]
    public async Task Messages_ThatTheApplicationDoesNotTake_DoNotKeepTheWebSocketOpen()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        uint stream = await AcceptAsync(front, peer);
        for (int i = 0; i < 40; i++)
        {
            await peer.SendTextAsync("x");
        }

        for (int i = 0; i < 32; i++)
        {
            front.Worker.ExpectText(stream);
        }

        peer.Connection.Abort();

        Assert.Equal((1006, ""), front.Worker.ExpectClose(stream));
    }

    [Fact]
    public async Task Messages_ThatTheClientDoesNotTake_AreHeldBack()
    {
        await using FrontHarness front = await FrontHarness.StartAsync(configure: config =>
            config with { WebSockets = new WebSocketConfig { PingInterval = TimeSpan.Zero } });
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address, receiveBuffer: 64 * 1024);
        uint stream = await AcceptAsync(front, peer);

        // A worker that keeps to its window; the client reads nothing, so at some point nothing more is granted.
        byte[] piece = RandomNumberGenerator.GetBytes(32 * 1024);
        int window = Window;
        long sent = 0;
        front.Worker.Socket.ReceiveTimeout = 500;
        try
        {
            while (sent < 100 * 1024 * 1024)
            {
                while (window >= piece.Length)
                {
                    front.Worker.SendMessage(stream, MessageKind.Binary, piece);
                    window -= piece.Length;
                    sent += piece.Length;
                }

                window += BitConverter.ToInt32(front.Worker.Expect(FrameType.Window, stream));
            }

            Assert.Fail("the front takes everything");
        }
        catch (System.Net.Sockets.SocketException)
        {
            // It grants no more.
        }

        front.Worker.Socket.ReceiveTimeout = 30_000;
        Assert.True(sent < 16 * 1024 * 1024, $"{sent} bytes were taken for a client that reads nothing");

        // The client reads again: all comes, in order and whole.
        front.Worker.SendClose(stream, 1000);
        for (long read = 0; read < sent; read += piece.Length)
        {
            (FrameOpcode opcode, bool final, _, byte[] payload) = await peer.ReadAsync();
            Assert.Equal((FrameOpcode.Binary, true), (opcode, final));
            Assert.Equal(piece, payload);
        }

        Assert.Equal((1000, ""), await peer.ReadCloseAsync());
    }

    [Fact]
    public async Task Pings_OfAClientThatReadsNothing_DoNotPileUp()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address, receiveBuffer: 4096);
        uint stream = await AcceptAsync(front, peer);
        byte[] piece = new byte[60 * 1024];
        for (int i = 0; i < 4; i++)
        {
            front.Worker.SendMessage(stream, MessageKind.Binary, piece);
        }

        byte[] ping = WebSocketPeer.Frame(FrameOpcode.Ping, new byte[125]);
        for (int i = 0; i < 10_000; i++)
        {
            await peer.Connection.WriteAsync(ping);
        }

        await peer.SendTextAsync("behind");
        Assert.Equal("behind", front.Worker.ExpectText(stream));
        for (int i = 0; i < 4; i++)
        {
            FrameOpcode opcode;
            while ((opcode = (await peer.ReadAsync()).Opcode) == FrameOpcode.Pong)
            {
            }

            Assert.Equal(FrameOpcode.Binary, opcode);
        }
    }

    [Fact]
    public async Task Message_InPieces_IsOneMessageInFrames()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        uint stream = await AcceptAsync(front, peer);

        front.Worker.SendMessage(stream, MessageKind.Text, "one "u8, end: false);
        front.Worker.SendMessage(stream, MessageKind.Text, "two "u8, end: false);
        front.Worker.SendMessage(stream, MessageKind.Text, "three"u8);
        front.Worker.SendMessage(stream, MessageKind.Text, default);

        Assert.Equal((FrameOpcode.Text, false, (byte)0, "one "u8.ToArray()), await peer.ReadAsync(), FrameComparer);
        Assert.Equal((FrameOpcode.Continuation, false, (byte)0, "two "u8.ToArray()), await peer.ReadAsync(), FrameComparer);
        Assert.Equal((FrameOpcode.Continuation, true, (byte)0, "three"u8.ToArray()), await peer.ReadAsync(), FrameComparer);
        Assert.Equal((FrameOpcode.Text, true, (byte)0, Array.Empty<byte>()), await peer.ReadAsync(), FrameComparer);
    }

    [Fact]
    public async Task Message_InFrames_IsPutTogetherWithPingsBetween()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        uint stream = await AcceptAsync(front, peer);

        await peer.SendAsync(FrameOpcode.Text, "hel"u8, final: false);
        await peer.SendAsync(FrameOpcode.Ping, "are you there"u8);
        await peer.SendAsync(FrameOpcode.Continuation, "lo"u8);

        Assert.Equal((FrameOpcode.Pong, true, (byte)0, "are you there"u8.ToArray()), await peer.ReadAsync(), FrameComparer);
        Assert.Equal("hello", front.Worker.ExpectText(stream));
    }

    [Theory]
    [InlineData("permessage-deflate", "")]
    [InlineData("permessage-deflate; server_max_window_bits=10", "; server_max_window_bits=10")]
    public async Task Compression_AgreedOn_IsUsedBothWays(string offer, string more)
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address, $"Sec-WebSocket-Extensions: {offer}\r\n");
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Accept(stream);
        Assert.Equal(
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover" + more,
            (await peer.ReadAnswerAsync())["Sec-WebSocket-Extensions"]);
        byte[] text = [.. Enumerable.Repeat("the same again. "u8.ToArray(), 1000).SelectMany(part => part)];

        front.Worker.SendMessage(stream, MessageKind.Text, text);
        (FrameOpcode opcode, bool final, byte reserved, byte[] payload) = await peer.ReadAsync();

        Assert.Equal((FrameOpcode.Text, true, 4), (opcode, final, reserved));
        Assert.True(payload.Length < text.Length / 10);
        using MemoryStream compressed = new([.. payload, 0, 0, 0xff, 0xff]);
        using DeflateStream inflate = new(compressed, CompressionMode.Decompress);
        using MemoryStream plain = new();
        inflate.CopyTo(plain);
        Assert.Equal(text, plain.ToArray());

        await peer.SendAsync(FrameOpcode.Text, payload, reserved: 4);
        Assert.Equal(text, front.Worker.ExpectMessage(stream).Bytes);

        // Small ones are not worth it.
        front.Worker.SendMessage(stream, MessageKind.Text, "small"u8);
        Assert.Equal("small", await peer.ReadTextAsync());
    }

    [Fact]
    public async Task Compression_SwitchedOff_IsNotAgreedOn()
    {
        await using FrontHarness front = await FrontHarness.StartAsync(configure: config =>
            config with { WebSockets = new WebSocketConfig { PerMessageDeflate = false } });
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Accept(stream);
        Assert.Null((await peer.ReadAnswerAsync())["Sec-WebSocket-Extensions"]);
    }

    private static readonly IEqualityComparer<(FrameOpcode, bool, byte, byte[])> FrameComparer =
        EqualityComparer<(FrameOpcode Opcode, bool Final, byte Reserved, byte[] Payload)>.Create(
            (left, right) => (left.Opcode, left.Final, left.Reserved) == (right.Opcode, right.Final, right.Reserved) && left.Payload.AsSpan().SequenceEqual(right.Payload),
            frame => frame.Payload.Length);

    private static async Task<uint> AcceptAsync(FrontHarness front, WebSocketPeer peer)
    {
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Accept(stream);
        await peer.ReadAnswerAsync();
        return stream;
    }
}
