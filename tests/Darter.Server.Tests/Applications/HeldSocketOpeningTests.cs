using Darter.Server.Configuration;
using Darter.Server.Tests.WebSockets;
using Darter.Testing;
using Darter.Testing.Http;
using Darter.Wire;

namespace Darter.Server.Tests.Applications;

/// <summary>How a WebSocket comes to be held, or does not.</summary>
public sealed class HeldSocketOpeningTests : HeldSocketTest
{
    [Fact]
    public async Task Handshake_ForWsgi_IsSentAsOpen()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(
            front.Address,
            "Cookie: a=b\r\nMeta-User: root\r\nGrip-Last: x; last-id=1\r\nConnection-Id: mine\r\nAccept-Encoding: gzip\r\nOrigin: http://x\r\nSec-WebSocket-Protocol: chat\r\n",
            "/chat?room=1");

        EventsReceived open = front.Worker.ReadEvents();
        Assert.Equal(("/chat?room=1", "OPEN\r\n"), (open.Target, open.Body));
        Assert.Equal(
            ["accept", "connection-id", "content-length", "content-type", "cookie", "host", "origin", "sec-websocket-extensions", "sec-websocket-protocol", "sec-websocket-version"],
            open.Fields.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((EventExchange.MediaType, "grip"), (open.Fields["accept"], open.Fields["sec-websocket-extensions"]));
        Assert.Equal(32, open.Fields["connection-id"].Length);

        front.Worker.AnswerEvents(
            open.Stream,
            "OPEN\r\n" + EventExchange.Event("TEXT", "m:hello"),
            (Grip, "grip"), ("set-meta-user", "ann"), ("keep-alive-interval", "30"), ("sec-websocket-protocol", "chat"), ("x-other", "kept"));
        RawResponse answer = await peer.ReadAnswerAsync();
        Assert.Equal(("chat", "kept", null), (answer["Sec-WebSocket-Protocol"], answer["X-Other"], answer[Grip]));
        Assert.Equal((null, null, null, null), (answer["Content-Type"], answer["Set-Meta-User"], answer["Keep-Alive-Interval"], answer["Content-Length"]));
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer["Sec-WebSocket-Accept"]);
        Assert.Equal("hello", await peer.ReadTextAsync());
    }

    [Fact]
    public async Task Answer_WithoutEvents_IsTheClients()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        EventsReceived open = front.Worker.ReadEvents();

        front.Worker.Respond(open.Stream, 403, ("content-type", "text/plain"), ("x-why", "no"));
        front.Worker.Write(FrameType.Body, FrameFlags.None, open.Stream, "not you"u8);
        front.Worker.End(open.Stream);

        RawResponse answer = await peer.Connection.ReadResponseAsync();
        Assert.Equal((403, "no", "not you"), (answer.Status, answer["X-Why"], answer.Text));
        await AssertNothingElseCameAsync(front);
        await Wait.Until(() => front.Server.Hub!.Admission.Count == 0, "nothing to be held");
    }

    [Theory]
    [InlineData("")]
    [InlineData("TEXT 1\r\na\r\n")]
    [InlineData("OPEN\r\nTEXT 2\r\na\r\n")]
    [InlineData("OPEN\r\nBINARY x\r\na\r\n")]
    public async Task Answer_WithMalformedEvents_Is502(string body)
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        front.Worker.AnswerEvents(front.Worker.ReadEvents().Stream, body);
        Assert.Equal(502, (await peer.Connection.ReadResponseAsync()).Status);
        await AssertNothingElseCameAsync(front);
        await Wait.Until(() => front.Server.Hub!.Admission.Count == 0, "nothing to be held");
    }

    [Fact]
    public async Task Answer_WithoutEventsButAnInterval_Accepts()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        front.Worker.AnswerEvents(front.Worker.ReadEvents().Stream, "", ("keep-alive-interval", "30"));
        await peer.ReadAnswerAsync();
    }

    [Fact]
    public async Task Handshake_OfTheOff_IsARequestLikeAnyOther()
    {
        await using FrontHarness front = await StartAsync(hub => hub with { WebSockets = HubWebSockets.Off });
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address, target: "/plain");
        (uint stream, string target) = front.Worker.ReadRequest();
        Assert.Equal("/plain", target);
        front.Worker.Respond(stream, "page");
        Assert.Equal("page", (await peer.Connection.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData(HubWebSockets.Auto, false)]
    [InlineData(HubWebSockets.On, true)]
    public async Task Handshake_ForAsgi_IsHeldIfWanted(HubWebSockets mode, bool held)
    {
        await using FrontHarness front = await StartAsync(hub => hub with { WebSockets = mode }, ApplicationInterface.Asgi);
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        if (held)
        {
            front.Worker.AnswerEvents(front.Worker.ReadEvents().Stream, "OPEN\r\n");
        }
        else
        {
            front.Worker.Accept(front.Worker.ReadRequest().Stream);
        }

        await peer.ReadAnswerAsync();
    }

    [Fact]
    public async Task Handshake_ThatIsMalformed_IsARequestLikeAnyOther()
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync(WebSocketPeer.Request(front.Address).Replace("Version: 13", "Version: 12", StringComparison.Ordinal));
        front.Worker.Respond(front.Worker.ReadRequest().Stream, "page");
        Assert.Equal("page", (await connection.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData("application/websocket-events")]
    [InlineData("Application/Websocket-Events; charset=utf-8")]
    public async Task Request_OfAClientWithEvents_Is403(string type)
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync(
            $"POST / HTTP/1.1\r\nHost: {front.Address.Authority}\r\nContent-Type: {type}\r\nConnection-Id: 1\r\nMeta-User: root\r\nContent-Length: 6\r\n\r\nOPEN\r\n");
        Assert.Equal(403, (await connection.ReadResponseAsync("POST")).Status);
        await AssertNothingElseCameAsync(front);
    }

    [Fact]
    public async Task Handshake_BeyondTheLimit_Is503()
    {
        await using FrontHarness front = await StartAsync(hub => hub with { MaxConnections = 1 });
        await using WebSocketPeer first = await OpenAsync(front);
        await using (WebSocketPeer second = await WebSocketPeer.AskAsync(front.Address))
        {
            Assert.Equal(503, (await second.Connection.ReadResponseAsync()).Status);
        }

        await first.SendCloseAsync(1000);
        await first.ReadCloseAsync();
        front.Worker.AnswerEvents(front.Worker.ReadEvents().Stream, "");
        await Wait.Until(() => front.Server.Hub!.Admission.Count == 0, "the first to be gone");
        await using WebSocketPeer third = await OpenAsync(front);
    }

    [Fact]
    public async Task Client_LeavesBeforeTheAnswer_IsToldWhenItIsAccepted()
    {
        await using FrontHarness front = await StartAsync();
        WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        EventsReceived open = front.Worker.ReadEvents();
        peer.Connection.Abort();

        front.Worker.AnswerEvents(open.Stream, "OPEN\r\n");

        EventsReceived last = front.Worker.ReadEvents();
        Assert.Equal("DISCONNECT\r\n", last.Body);
        Assert.Equal(open.Fields["connection-id"], last.Fields["connection-id"]);
        front.Worker.AnswerEvents(last.Stream, "");
        await AssertNothingElseCameAsync(front);
        await Wait.Until(() => front.Server.Hub!.Admission.Count == 0, "the WebSocket to be gone");
    }

    [Fact]
    public async Task Worker_DiesDuringTheAnswer_Is502()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        front.Worker.ReadEvents();
        FakeLauncher.Kill(front.Workers.Processes[0]);
        front.Worker.Dispose();
        Assert.Equal(502, (await peer.Connection.ReadResponseAsync()).Status);
        await Wait.Until(() => front.Server.Hub!.Admission.Count == 0, "nothing to be held");
    }
}
