using Darter.Server.Hub;
using Darter.Server.Tests.WebSockets;
using Darter.Server.WebSockets;
using Darter.Testing;

namespace Darter.Server.Tests.Applications;

/// <summary>What goes from the client to the application and back, and what is published.</summary>
public sealed class HeldSocketTests : HeldSocketTest
{
    [Fact]
    public async Task Messages_OfTheClient_ComeInOrderOneRequestAtATime()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front);

        await peer.SendTextAsync("one");
        EventsReceived first = front.Worker.ReadEvents();
        Assert.Equal(EventExchange.Event("TEXT", "one"), first.Body);

        await peer.SendTextAsync("");
        await peer.SendAsync(FrameOpcode.Binary, [1, 2]);
        await peer.SendAsync(FrameOpcode.Text, "in "u8, final: false);
        await peer.SendAsync(FrameOpcode.Continuation, "pieces"u8);
        front.Worker.AnswerEvents(first.Stream, EventExchange.Event("TEXT", "answer to one"));
        Assert.Equal("answer to one", await peer.ReadTextAsync());

        string rest = EventExchange.Event("TEXT", "") + EventExchange.Event("BINARY", "\u0001\u0002") + EventExchange.Event("TEXT", "in pieces");
        EventsReceived last = front.Worker.ReadEventsUntil(rest);
        front.Worker.AnswerEvents(last.Stream, EventExchange.Event("BINARY", "\u0003") + EventExchange.Event("TEXT", "last"));
        Assert.Equal([3], (await peer.ReadAsync()).Payload);
        Assert.Equal("last", await peer.ReadTextAsync());
    }

    [Fact]
    public async Task Messages_OfAClientThatSendsALot_WaitUntilTheApplicationTakesThem()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front);
        string message = new('x', 50_000);
        Task sending = Task.Run(() => SendManyAsync(peer, message, 200), TestContext.Current.CancellationToken);

        int received = 0;
        while (received < 200)
        {
            EventsReceived request = front.Worker.ReadEvents();
            int events = request.Body.Length / EventExchange.Event("TEXT", message).Length;
            Assert.Equal(string.Concat(Enumerable.Repeat(EventExchange.Event("TEXT", message), events)), request.Body);
            Assert.InRange(events, 1, 32);
            received += events;
            front.Worker.AnswerEvents(request.Stream, "");
        }

        await Wait.For(sending, "the client to have sent all");
    }

    [Fact]
    public async Task Meta_OfAnAnswer_IsToldWithEachRequest()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front, "", (Grip, "grip"), ("set-meta-user", "ann"), ("set-meta-room", "1"));

        await peer.SendTextAsync("a");
        EventsReceived request = front.Worker.ReadEvents();
        Assert.Equal(("ann", "1"), (request.Fields["meta-user"], request.Fields["meta-room"]));
        front.Worker.AnswerEvents(request.Stream, "", ("set-meta-user", "bea"), ("set-meta-room", ""));

        await peer.SendTextAsync("b");
        request = front.Worker.ReadEvents();
        Assert.Equal("bea", request.Fields["meta-user"]);
        Assert.DoesNotContain("meta-room", request.Fields.Keys);
        front.Worker.AnswerEvents(request.Stream, "");
    }

    [Fact]
    public async Task Messages_WithoutThePrefix_AreNotForTheClient()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(
            front, EventExchange.Event("TEXT", "no") + EventExchange.Event("BINARY", "m:yes") + EventExchange.Event("TEXT", "m:c:{"), (Grip, "grip"));
        Assert.Equal("yes"u8.ToArray(), (await peer.ReadAsync()).Payload);
        Assert.Equal("c:{", await peer.ReadTextAsync());
    }

    [Fact]
    public async Task Messages_OfAnApplicationWithoutGrip_AreTheClientsAsTheyAre()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front, EventExchange.Event("TEXT", "c:{}"), ("x-no", "grip"));
        Assert.Equal("c:{}", await peer.ReadTextAsync());
    }

    [Fact]
    public async Task Ping_OfTheApplication_GoesToTheClientAndItsPongBack()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front);

        // A ping of the client is the front's to answer, and a pong nobody has asked for is nobody's.
        await peer.SendAsync(FrameOpcode.Pong, "alone"u8);
        await peer.SendAsync(FrameOpcode.Ping, "client"u8);
        (FrameOpcode opcode, _, _, byte[] payload) = await peer.ReadAsync();
        Assert.Equal((FrameOpcode.Pong, "client"), (opcode, System.Text.Encoding.ASCII.GetString(payload)));
        await peer.SendTextAsync("go");
        front.Worker.AnswerEvents(front.Worker.ReadEvents().Stream, EventExchange.Event("PING", "app") + EventExchange.Event("PONG", "more"));

        Assert.Equal(FrameOpcode.Ping, (await peer.ReadAsync()).Opcode);
        Assert.Equal(FrameOpcode.Pong, (await peer.ReadAsync()).Opcode);
        await peer.SendAsync(FrameOpcode.Pong, "app"u8);
        EventsReceived pong = front.Worker.ReadEvents();
        Assert.Equal(EventExchange.Event("PONG", "app"), pong.Body);
        front.Worker.AnswerEvents(pong.Stream, "");
    }

    [Fact]
    public async Task Published_ToASubscribedChannel_ReachesTheClient()
    {
        await using FrontHarness front = await StartAsync();
        MessageHub hub = front.Server.Hub!;
        await using WebSocketPeer peer = await OpenAsync(front, Subscribe("a") + Subscribe("b"));

        Assert.Equal((1, 1, 0), (hub.Deliver(Item("a", "one")), hub.Deliver(Item("b", "two", type: HubSocketType.Binary)), hub.Deliver(Item("c", "three"))));
        Assert.Equal("one", await peer.ReadTextAsync());
        Assert.Equal("two"u8.ToArray(), (await peer.ReadAsync()).Payload);

        await peer.SendTextAsync("leave");
        front.Worker.AnswerEvents(
            front.Worker.ReadEvents().Stream, EventExchange.Event("TEXT", """c:{"type": "unsubscribe", "channel": "a"}""") + EventExchange.Event("TEXT", "left"));
        Assert.Equal("left", await peer.ReadTextAsync());
        Assert.Equal((0, 1), (hub.Deliver(Item("a", "four")), hub.Deliver(Item("b", "five"))));
        Assert.Equal("five", await peer.ReadTextAsync());
    }

    [Fact]
    public async Task Published_Before_IsReplayedBehindThePreviousId()
    {
        await using FrontHarness front = await StartAsync();
        for (int i = 1; i <= 3; i++)
        {
            front.Server.Hub!.Deliver(Item("a", $"message {i}", $"{i}"));
        }

        await using WebSocketPeer peer = await OpenAsync(front, Subscribe("a", """, "prev-id": "1" """));
        Assert.Equal(("message 2", "message 3"), (await peer.ReadTextAsync(), await peer.ReadTextAsync()));
    }

    [Fact]
    public async Task Published_ToASenderThatSkipsItself_IsLeftOut()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(
            front,
            EventExchange.Event("TEXT", """c:{"type": "set-meta", "name": "user", "value": "ann"}""") + Subscribe("a", """, "filters": ["skip-self"]"""));
        HubItem own = Item("a", "own") with { Meta = new Dictionary<string, string> { ["sender"] = "ann" } };
        Assert.Equal((0, 1), (front.Server.Hub!.Deliver(own), front.Server.Hub!.Deliver(Item("a", "other"))));
        Assert.Equal("other", await peer.ReadTextAsync());
    }

    [Fact]
    public async Task Refresh_ThatIsPublished_AsksTheApplication()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(front, Subscribe("a"));
        front.Server.Hub!.Deliver(new HubItem { Channel = "a", Socket = new HubSocketMessage(HubAction.Refresh, HubSocketType.Text, default, 0, "") });

        EventsReceived request = front.Worker.ReadEvents();
        Assert.Equal("", request.Body);
        front.Worker.AnswerEvents(request.Stream, EventExchange.Event("TEXT", "fresh"));
        Assert.Equal("fresh", await peer.ReadTextAsync());
    }

    [Fact]
    public async Task Detached_WebSocket_GetsWhatIsPublishedAlone()
    {
        await using FrontHarness front = await StartAsync();
        WebSocketPeer peer = await OpenAsync(front, Subscribe("a") + EventExchange.Event("TEXT", """c:{"type": "detach"}"""));

        await peer.SendTextAsync("nobody hears this");
        front.Server.Hub!.Deliver(Item("a", "news"));
        Assert.Equal("news", await peer.ReadTextAsync());
        await peer.SendCloseAsync(1000);
        Assert.Equal((1000, ""), await peer.ReadCloseAsync());
        await peer.DisposeAsync();
        await Wait.Until(() => front.Server.OpenWebSockets == 0, "the WebSocket to be gone");
        await AssertNothingElseCameAsync(front);
    }

    [Fact]
    public async Task Delayed_Message_IsSentWhenTheNextOneComes()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(
            front,
            EventExchange.Event("TEXT", """c:{"type": "send-delayed", "content": "first", "timeout": 3600}""")
                + EventExchange.Event("TEXT", """c:{"type": "send-delayed", "content": "second", "message-type": "binary", "timeout": 3600}""")
                + EventExchange.Event("TEXT", """c:{"type": "flush-delayed"}""")
                + EventExchange.Event("TEXT", """c:{"type": "send-delayed", "content": "third", "timeout": 1}"""));
        Assert.Equal("first", await peer.ReadTextAsync());
        Assert.Equal("second"u8.ToArray(), (await peer.ReadAsync()).Payload);
        Assert.Equal("third", await peer.ReadTextAsync());
    }

    [Fact]
    public async Task KeepAlive_OfTheFront_IsSentAgainAndAgain()
    {
        await using FrontHarness front = await StartAsync();
        await using WebSocketPeer peer = await OpenAsync(
            front, EventExchange.Event("TEXT", """c:{"type": "keep-alive", "content": "alive", "timeout": 1}"""));
        Assert.Equal(("alive", "alive"), (await peer.ReadTextAsync(), await peer.ReadTextAsync()));
    }

    private static async Task SendManyAsync(WebSocketPeer peer, string message, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await peer.SendTextAsync(message);
        }
    }
}
