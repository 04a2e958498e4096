using Darter.Server.Tests.WebSockets;
using Darter.Server.WebSockets;
using Darter.Testing.Http;
using Darter.Wire;

namespace Darter.Server.Tests.Applications;

public sealed class WebSocketHandshakeTests
{
    [Fact]
    public async Task Handshake_Accepted_OpensTheWebSocket()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address, "Sec-WebSocket-Protocol: chat, other\r\n", "/a?b=c");
        (FrameHeader header, byte[] payload) = front.Worker.Read();
        Assert.True(RequestHead.TryRead(payload, out RequestHead head));
        Assert.True(head.IsWebSocket);
        Assert.False(head.IsHttps);
        Assert.Equal("/a?b=c"u8, head.Target);
        Assert.Equal("GET"u8, head.Method);
        Assert.Equal(FrameFlags.End, header.Flags);

        front.Worker.Accept(header.Stream, ("sec-websocket-protocol", "chat"), ("x-more", "yes"));
        RawResponse answer = await peer.ReadAnswerAsync();

        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer["Sec-WebSocket-Accept"]);
        Assert.Equal("websocket", answer["Upgrade"], ignoreCase: true);
        Assert.Equal("Upgrade", answer["Connection"], ignoreCase: true);
        Assert.Equal("chat", answer["Sec-WebSocket-Protocol"]);
        Assert.Equal("yes", answer["X-More"]);
        Assert.Null(answer["Sec-WebSocket-Extensions"]);
        Assert.Null(answer["Content-Length"]);
        Assert.Null(answer["Transfer-Encoding"]);

        await peer.SendTextAsync("hellö");
        Assert.Equal("hellö", front.Worker.ExpectText(header.Stream));
        front.Worker.SendMessage(header.Stream, MessageKind.Text, "wörld"u8);
        Assert.Equal("wörld", await peer.ReadTextAsync());
    }

    [Fact]
    public async Task Handshake_Denied_IsAnsweredAsARequest()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        (uint stream, _) = front.Worker.ReadRequest();

        front.Worker.Respond(stream, "no");

        RawResponse answer = await peer.Connection.ReadResponseAsync();
        Assert.Equal((200, "no"), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task Handshake_ForAWsgiApplication_IsAPlainRequest()
    {
        await using FrontHarness front = await FrontHarness.StartAsync(ApplicationInterface.Wsgi);
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync($"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        (FrameHeader header, byte[] payload) = front.Worker.Read();
        Assert.True(RequestHead.TryRead(payload, out RequestHead head));
        Assert.False(head.IsWebSocket);
        Assert.True(front.Worker.TryClaim(head.Slot, header.Stream));

        front.Worker.Respond(header.Stream, "plain");

        Assert.Equal("plain", (await connection.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version: 13\r\n", 400)]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", 426)]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n", 426)]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\nSec-WebSocket-Version: 13\r\n", 400)]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==dGhl\r\nSec-WebSocket-Version: 13\r\n", 400)]
    [InlineData("Sec-WebSocket-Key: !!!!IHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n", 400)]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n", 400)]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: a;;b\r\n", 400)]
    public async Task Handshake_ThatIsNotValid_IsRefused(string fields, int status)
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        RawResponse answer = await RawConnection.ExchangeAsync(
            front.Address, $"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{fields}\r\n");

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 426 ? "13" : null, answer["Sec-WebSocket-Version"]);
        Assert.Equal(status == 426 ? "websocket" : null, answer["Upgrade"]);
    }

    [Fact]
    public async Task Handshake_BeforeAWorkerIsReady_WaitsForIt()
    {
        // What to do with it depends on what the worker serves.
        await using FrontHarness front = await FrontHarness.StartAsync();
        FakeLauncher.Kill(front.Workers.Processes[0]);
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);

        await Darter.Testing.Wait.Until(() => front.Workers.Channels.Count == 2, "a new worker");
        (uint stream, _) = front.Workers.Channels[1].ReadRequest();
        front.Workers.Channels[1].Accept(stream);

        await peer.ReadAnswerAsync();
    }

    [Fact]
    public async Task Upgrade_ToSomethingElse_IsAPlainRequest()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Respond(stream, "ok");
        Assert.Equal("ok", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Worker_ThatUpgradesAPlainRequest_IsReplaced()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();

        front.Worker.Accept(stream);

        Assert.Equal(502, (await connection.ReadResponseAsync()).Status);
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", Handshake.AcceptFor(WebSocketPeer.Key));
    }
}
