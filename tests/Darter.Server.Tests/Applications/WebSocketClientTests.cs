using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using Darter.Testing;
using Darter.Wire;

namespace Darter.Server.Tests.Applications;

/// <summary>The platform's own client, over HTTP/1.1 and HTTP/2, with compression and without.</summary>
public sealed class WebSocketClientTests
{
    public static TheoryData<string, bool> Variants => new()
    {
        { "1.1", false },
        { "1.1", true },
        { "2.0", false },
        { "2.0", true },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Client_SendsAndReceives_WhatTheWorkerDoes(string version, bool deflate)
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        using HttpMessageInvoker invoker = new(new SocketsHttpHandler());
        using ClientWebSocket client = Create(version, deflate);
        Task connect = client.ConnectAsync(new Uri($"ws://{front.Address.Authority}/chat"), invoker, TestContext.Current.CancellationToken);
        (uint stream, string target) = await Task.Run(() => ReadWebSocketRequest(front), TestContext.Current.CancellationToken);
        Assert.Equal("/chat", target);
        front.Worker.Accept(stream, ("sec-websocket-protocol", "chat"));
        await Wait.For(connect, "the handshake");
        Assert.Equal("chat", client.SubProtocol);

        byte[] buffer = new byte[1 << 20];
        foreach (int length in new[] { 0, 1, 125, 126, 127, 5000, 65535, 65536, 200_000 })
        {
            byte[] message = RandomNumberGenerator.GetBytes(length);
            message.AsSpan(length / 2).Clear();
            await client.SendAsync(message, WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
            Assert.Equal(message, ExpectMessage(front, stream));

            for (int offset = 0; offset == 0 || offset < length; offset += ChannelFormat.MaxBodyChunk)
            {
                int count = Math.Min(ChannelFormat.MaxBodyChunk, length - offset);
                front.Worker.SendMessage(stream, MessageKind.Binary, message.AsSpan(offset, count), offset + count == length);
            }

            Assert.Equal(message, await ReceiveAsync(client, buffer));
        }

        Task close = client.CloseAsync((WebSocketCloseStatus)4000, "done", TestContext.Current.CancellationToken);
        Assert.Equal((4000, "done"), await Task.Run(() => ExpectClose(front, stream), TestContext.Current.CancellationToken));
        await Wait.For(close, "the close");
        front.Worker.End(stream);
        await Wait.Until(() => front.Server.OpenWebSockets == 0, "the WebSocket to be gone");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Client_WhoseApplicationCloses_IsToldWhy(string version)
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        using HttpMessageInvoker invoker = new(new SocketsHttpHandler());
        using ClientWebSocket client = Create(version, deflate: false);
        Task connect = client.ConnectAsync(new Uri($"ws://{front.Address.Authority}/"), invoker, TestContext.Current.CancellationToken);
        (uint stream, _) = await Task.Run(() => ReadWebSocketRequest(front), TestContext.Current.CancellationToken);
        front.Worker.Accept(stream, ("sec-websocket-protocol", "chat"));
        await Wait.For(connect, "the handshake");

        front.Worker.SendClose(stream, 3333, "over");
        front.Worker.End(stream);

        WebSocketReceiveResult result = await Wait.For(client.ReceiveAsync(new byte[10], TestContext.Current.CancellationToken), "the close");
        Assert.Equal((WebSocketMessageType.Close, 3333, "over"), (result.MessageType, (int)result.CloseStatus!, result.CloseStatusDescription));
        await Wait.For(client.CloseAsync(WebSocketCloseStatus.NormalClosure, "", TestContext.Current.CancellationToken), "the end");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Client_ThatIsDenied_GetsTheStatus(string version)
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        using HttpMessageInvoker invoker = new(new SocketsHttpHandler());
        using ClientWebSocket client = Create(version, deflate: false);
        client.Options.CollectHttpResponseDetails = true;
        Task connect = client.ConnectAsync(new Uri($"ws://{front.Address.Authority}/"), invoker, TestContext.Current.CancellationToken);
        (uint stream, _) = await Task.Run(() => ReadWebSocketRequest(front), TestContext.Current.CancellationToken);
        front.Worker.Respond(stream, 403);
        front.Worker.End(stream);

        await Assert.ThrowsAsync<WebSocketException>(() => Wait.For(connect, "the refusal"));
        Assert.Equal(HttpStatusCode.Forbidden, client.HttpStatusCode);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Client_ThatIsDisposedOf_IsGone(string version)
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        using HttpMessageInvoker invoker = new(new SocketsHttpHandler());
        ClientWebSocket client = Create(version, deflate: false);
        Task connect = client.ConnectAsync(new Uri($"ws://{front.Address.Authority}/"), invoker, TestContext.Current.CancellationToken);
        (uint stream, _) = await Task.Run(() => ReadWebSocketRequest(front), TestContext.Current.CancellationToken);
        front.Worker.Accept(stream, ("sec-websocket-protocol", "chat"));
        await Wait.For(connect, "the handshake");

        client.Dispose();

        Assert.Equal((1006, ""), await Task.Run(() => front.Worker.ExpectClose(stream), TestContext.Current.CancellationToken));
        front.Worker.End(stream);
        await Wait.Until(() => front.Server.OpenWebSockets == 0, "the WebSocket to be gone");
    }

    private static ClientWebSocket Create(string version, bool deflate)
    {
        ClientWebSocket client = new();
        client.Options.HttpVersion = new Version(version);
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        client.Options.AddSubProtocol("chat");
        if (deflate)
        {
            client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions { ServerMaxWindowBits = 11 };
        }

        return client;
    }

    private static (uint Stream, string Target) ReadWebSocketRequest(FrontHarness front)
    {
        (FrameHeader header, byte[] payload) = front.Worker.Read();
        Assert.True(RequestHead.TryRead(payload, out RequestHead head));
        Assert.True(head.IsWebSocket);
        Assert.Equal("GET"u8, head.Method);
        Assert.Equal(FrameFlags.End, header.Flags);
        Assert.True(front.Worker.TryClaim(head.Slot, header.Stream));
        return (header.Stream, System.Text.Encoding.ASCII.GetString(head.Target));
    }

    private static byte[] ExpectMessage(FrontHarness front, uint stream)
    {
        List<byte> bytes = [];
        while (true)
        {
            (FrameHeader header, byte[] payload) = front.Worker.Read();
            if (header.Type == FrameType.Window)
            {
                continue;
            }

            Assert.Equal((FrameType.Message, stream), (header.Type, header.Stream));
            bytes.AddRange(payload.AsSpan(1));
            front.Worker.Grant(stream, Math.Max(payload.Length - 1, ChannelFormat.LeastMessageChargeToWorker(32)));
            if ((header.Flags & FrameFlags.End) != 0)
            {
                return [.. bytes];
            }
        }
    }

    private static (ushort, string) ExpectClose(FrontHarness front, uint stream)
    {
        while (true)
        {
            (FrameHeader header, byte[] payload) = front.Worker.Read();
            if (header.Type != FrameType.Window)
            {
                Assert.Equal((FrameType.Close, stream), (header.Type, header.Stream));
                Assert.True(CloseMessage.TryRead(payload, out ushort code, out ReadOnlySpan<byte> reason));
                return (code, System.Text.Encoding.UTF8.GetString(reason));
            }
        }
    }

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket client, byte[] buffer)
    {
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult result = await Wait.For(client.ReceiveAsync(buffer.AsMemory(length), TestContext.Current.CancellationToken).AsTask(), "a message");
            Assert.Equal(WebSocketMessageType.Binary, result.MessageType);
            length += result.Count;
            if (result.EndOfMessage)
            {
                return buffer[..length];
            }
        }
    }
}
