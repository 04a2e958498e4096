using Darter.Server.Hub;
using Darter.Server.Tests.WebSockets;
using Darter.Testing;
using Darter.Wire;

namespace Darter.Server.Tests.Applications;

/// <summary>Every way a held WebSocket can end: what the client is told, and what the application.</summary>
public sealed class HeldSocketClosingTests : HeldSocketTest
{
    [Theory]
    [InlineData(4321, "enough")]
    [InlineData(1000, "")]
    public async Task Client_Closes_IsToldTheApplication(int code, string reason)
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front, Subscribe("a"));

        await peer.SendTextAsync("last");
        await peer.SendCloseAsync((ushort)code, reason);

        string close = EventExchange.Event("CLOSE", $"{(char)(code >> 8)}{(char)(code & 255)}{reason}");
        EventsReceived request = front.Worker.ReadEventsUntil(EventExchange.Event("TEXT", "last") + close);
        Assert.Equal(0, front.Server.Hub!.Deliver(Item("a", "too late")));
        front.Worker.AnswerEvents(request.Stream, EventExchange.Event("TEXT", "too late") + close);
        Assert.Equal(((ushort)code, ""), await peer.ReadCloseAsync());
        Assert.True(await peer.Connection.IsClosedAsync());
        await AssertNothingElseCameAsync(front);
    }

    [Fact]
    public async Task Client_Vanishes_IsToldTheApplicationAsDisconnect()
    {
        await using FrontHarness front = await StartAsync();
        WebSocketPeer peer = await OpenAsync(front, Subscribe("a"));
        await peer.SendTextAsync("last");
        EventsReceived request = front.Worker.ReadEvents();

        peer.Connection.Abort();
        await Wait.Until(() => front.Server.OpenWebSockets == 0, "the WebSocket to be gone");
        front.Worker.AnswerEvents(request.Stream, EventExchange.Event("TEXT", "hello?") + Subscribe("b"));

        request = front.Worker.ReadEvents();
        Assert.Equal("DISCONNECT\r\n", request.Body);
        front.Worker.AnswerEvents(request.Stream, "");
        await AssertNothingElseCameAsync(front);
        Assert.Equal((0, 0), (front.Server.Hub!.Totals.Connections, front.Server.Hub!.Totals.Subscriptions));
    }

    [Theory]
    [InlineData("CLOSE 5\r\n\u0010\u00e1bye\r\n", 4321, "bye")]
    [InlineData("CLOSE 2\r\n\u0000\u0000\r\n", 1000, "")]
    [InlineData("CLOSE\r\n", 1000, "")]
    public async Task Application_Closes_IsPassedOn(string close, int code, string reason)
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front, Subscribe("a"));
        await peer.SendTextAsync("enough?");
        front.Worker.AnswerEvents(front.Worker.ReadEvents().Stream, EventExchange.Event("TEXT", "yes") + close + EventExchange.Event("TEXT", "ignored"));

        Assert.Equal("yes", await peer.ReadTextAsync());
        Assert.Equal(((ushort)code, reason), await peer.ReadCloseAsync());
        await peer.SendTextAsync("not read any more");
        await peer.SendCloseAsync(1000);
        Assert.True(await peer.Connection.IsClosedAsync());
        await AssertNothingElseCameAsync(front);
        Assert.Equal(0, front.Server.Hub!.Deliver(Item("a", "too late")));
    }

    [Fact]
    public async Task Application_Disconnects_BreaksTheConnectionOff()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front);
        await peer.SendTextAsync("who am I?");
        front.Worker.AnswerEvents(front.Worker.ReadEvents().Stream, "DISCONNECT\r\n");
        await Wait.Until(() => front.Server.OpenWebSockets == 0, "the WebSocket to be gone");
        await AssertNothingElseCameAsync(front);
    }

    [Theory]
    [InlineData("TEXT 9\r\nshort\r\n")]
    [InlineData("TEXT 1\r\na\r\nrubbish")]
    [InlineData("OPEN\r\n")]
    [InlineData("TEXT 3\r\nc:{\r\n")]
    [InlineData("TEXT 1a\r\nc:{\"type\": \"subscribe\"   }\r\n")]
    [InlineData("TEXT 40\r\nc:{\"type\": \"subscribe\", \"channel\": \"b\", \"filters\": [\"other\"]}   \r\n")]
    public async Task Application_AnswersRubbish_ClosesWith1011(string body)
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front, Subscribe("a"));
        await peer.SendTextAsync("?");
        front.Worker.AnswerEvents(front.Worker.ReadEvents().Stream, body);
        Assert.Equal((1011, ""), await peer.ReadCloseAsync());
        await peer.SendCloseAsync(1011);
        Assert.True(await peer.Connection.IsClosedAsync());
        await AssertNothingElseCameAsync(front);
    }

    [Theory]
    [InlineData(500, EventExchange.MediaType)]
    [InlineData(200, "text/html")]
    [InlineData(302, "text/html")]
    public async Task Application_AnswersSomethingElse_ClosesWith1011(int status, string type)
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front);
        await peer.SendTextAsync("?");
        uint stream = front.Worker.ReadEvents().Stream;
        front.Worker.Respond(stream, status, ("content-type", type));
        Assert.Equal((1011, ""), await peer.ReadCloseAsync());

        // The rest of the answer is nobody's.
        front.Worker.Expect(FrameType.Cancel, stream);
        front.Worker.Write(FrameType.Body, FrameFlags.None, stream, "page"u8);
        front.Worker.End(stream);
        await AssertNothingElseCameAsync(front);
    }

    [Fact]
    public async Task Application_RaisesAnException_ClosesWith1011()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front);
        await peer.SendTextAsync("?");
        front.Worker.Write(FrameType.Abort, FrameFlags.None, front.Worker.ReadEvents().Stream, [1, .. "ValueError"u8]);
        Assert.Equal((1011, ""), await peer.ReadCloseAsync());
    }

    [Fact]
    public async Task Worker_DiesWithEvents_ClosesWith1011AndSparesTheOthers()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer idle = await OpenAsync(front);
        await using WebSocketPeer busy = await OpenAsync(front);
        await busy.SendTextAsync("?");
        front.Worker.ReadEvents();

        FakeLauncher.Kill(front.Workers.Processes[0]);
        front.Worker.Dispose();

        Assert.Equal((1011, ""), await busy.ReadCloseAsync());
        await Wait.Until(() => front.Workers.Channels.Count == 2, "another worker");
        await idle.SendTextAsync("still there");
        EventsReceived request = front.Workers.Channels[1].ReadEvents();
        Assert.Equal(EventExchange.Event("TEXT", "still there"), request.Body);
        front.Workers.Channels[1].AnswerEvents(request.Stream, EventExchange.Event("TEXT", "yes"));
        Assert.Equal("yes", await idle.ReadTextAsync());
    }

    [Fact]
    public async Task Published_Close_ClosesAndTellsTheApplication()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front, Subscribe("a"));
        front.Server.Hub!.Deliver(new HubItem { Channel = "a", Socket = new HubSocketMessage(HubAction.Close, HubSocketType.Text, default, 4000, "over") });

        Assert.Equal((4000, "over"), await peer.ReadCloseAsync());
        EventsReceived request = front.Worker.ReadEvents();
        Assert.Equal(EventExchange.Event("CLOSE", "\u000f\u00a0over"), request.Body);
        front.Worker.AnswerEvents(request.Stream, "");
        await peer.SendCloseAsync(4000);
        Assert.True(await peer.Connection.IsClosedAsync());
    }

    [Fact]
    public async Task Published_Close_EndsTheConnectionThoughTheApplicationIsBusyAndMuchWaitsForIt()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front, Subscribe("a"));
        await peer.SendTextAsync("first");
        EventsReceived first = front.Worker.ReadEvents();

        // More than --ws-max-queue: the front has stopped reading when the close frame comes.
        for (int i = 0; i < 100; i++)
        {
            await peer.SendTextAsync("more");
        }

        await peer.SendCloseAsync(4000);
        front.Server.Hub!.Deliver(new HubItem { Channel = "a", Socket = new HubSocketMessage(HubAction.Close, HubSocketType.Text, default, 4000, "over") });
        Assert.Equal((4000, "over"), await peer.ReadCloseAsync());
        await Wait.Until(() => front.Server.OpenWebSockets == 0, "the WebSocket to be gone");
        front.Worker.AnswerEvents(first.Stream, "");
    }

    [Fact]
    public async Task Client_ThatTakesNothing_IsClosedWith1013()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front, Subscribe("a"));
        HubItem item = Item("a", new string('x', 200_000));

        // The kernel's buffers and the front's take some.
        await Wait.Until(() => front.Server.Hub!.Deliver(item) == 0, "the subscription to end");

        EventsReceived request = front.Worker.ReadEvents();
        Assert.Equal(EventExchange.Event("CLOSE", "\u0003\u00f5"), request.Body);
        front.Worker.AnswerEvents(request.Stream, "");
    }

    [Fact]
    public async Task Server_GoesAway_ClosesWith1001()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front);
        Task stop = front.Server.StopAsync(quick: false, TestContext.Current.CancellationToken);
        Assert.Equal((1001, ""), await peer.ReadCloseAsync());
        EventsReceived request = front.Worker.ReadEvents();
        Assert.Equal(EventExchange.Event("CLOSE", "\u0003\u00e9"), request.Body);
        front.Worker.AnswerEvents(request.Stream, "");
        await peer.SendCloseAsync(1001);
        await front.Workers.LeaveAsync();
        await Wait.For(stop, "the front to stop");
    }
}
