using Darter.Server.Configuration;
using Darter.Server.Hub;
using static Darter.Server.Tests.Hub.Listener;

namespace Darter.Server.Tests.Hub;

/// <summary>Publishing, subscribing, and what the history delivers.</summary>
public sealed class MessageHubTests
{
    private readonly HubClock _clock = new();

    [Fact]
    public void Deliver_ToSubscribers_ReachesThoseOfTheChannel_InOrder()
    {
        MessageHub hub = Hub();
        Listener one = new();
        Listener other = new();
        Subscribe(hub, one, null, "a");
        Subscribe(hub, other, null, "b", "a");
        Assert.Equal(2, hub.Deliver(Item("a", "1")));
        Assert.Equal(1, hub.Deliver(Item("b", "2")));
        Assert.Equal(0, hub.Deliver(Item("c", "3")));
        Assert.Equal(2, hub.Deliver(Item("a", "4")));
        Assert.Equal(["1", "4"], one.Got);
        Assert.Equal(["1", "2", "4"], other.Got);
    }

    [Fact]
    public void Deliver_AfterTheEndOfASubscription_DoesNotReachIt()
    {
        MessageHub hub = Hub(new HubConfig { HistorySize = 0 });
        Listener[] listeners = [new(), new(), new()];
        HubSubscription[] subscriptions = [.. listeners.Select(listener => Subscribe(hub, listener, null, "a", "b"))];
        subscriptions[0].Dispose();
        subscriptions[1].Remove("a");
        Assert.Equal(1, hub.Deliver(Item("a", "1")));
        Assert.Equal(2, hub.Deliver(Item("b", "2")));
        Assert.Equal([[], ["2"], ["1", "2"]], listeners.Select(listener => listener.Got));
        subscriptions[1].Dispose();
        subscriptions[2].Dispose();
        subscriptions[2].Dispose();
        Assert.Equal((0, 0), (hub.Totals.Channels, hub.Totals.Subscriptions));
        Assert.Equal(HubRefusal.None, subscriptions[2].Add([new HubChannelRequest("a")]));
        Assert.Equal(0, hub.Totals.Channels);
    }

    [Theory]
    [InlineData(null, new string[0])]
    [InlineData("id-1", new[] { "2", "3" })]
    [InlineData("id-3", new string[0])]
    [InlineData("before", new[] { "1", "2", "3" })]
    [InlineData("unknown", new[] { "1", "2", "3" })]
    public void Subscribe_WithWhatTheClientHas_ReplaysWhatCameSince(string? last, string[] expected)
    {
        MessageHub hub = Hub();
        hub.Deliver(Item("a", "1", "id-1", "before"));
        hub.Deliver(Item("a", "2", "id-2"));
        hub.Deliver(Item("a", "3", "id-3"));

        Listener byEvent = new();
        Subscribe(hub, byEvent, last, "a");
        Listener byChannel = new();
        Assert.NotNull(hub.Subscribe(byChannel, [new HubChannelRequest("a", last)], null, out _));
        hub.Deliver(Item("a", "4", "id-4"));
        Assert.Equal([.. expected, "4"], byEvent.Got);
        Assert.Equal([.. expected, "4"], byChannel.Got);
    }

    [Fact]
    public void Subscribe_AfterAnItemThatIsKeptNoMore_ReplaysNothingOfWhatIsOlder()
    {
        MessageHub hub = Hub();
        Subscribe(hub, new Listener(), null, "a", "b");
        hub.Deliver(Item("a", "1", "id-1"));
        _clock.Pass(TimeSpan.FromMinutes(3));
        hub.Deliver(Item("b", "2", "id-2"));
        Listener listener = new();
        Subscribe(hub, listener, "id-1", "a", "b");
        Assert.Equal(["2"], listener.Got);
    }

    [Fact]
    public void Subscribe_ToSeveralChannels_ReplaysInTheOrderOfPublishing_BehindTheOneId()
    {
        MessageHub hub = Hub();
        for (int i = 0; i < 8; i++)
        {
            hub.Deliver(Item(i % 2 == 0 ? "even" : "odd", $"{i}", $"id-{i}"));
        }

        Listener listener = new();
        Subscribe(hub, listener, "id-3", "odd", "even");
        Assert.Equal(["4", "5", "6", "7"], listener.Got);

        // A channel for which the application says it itself has its own place.
        Listener mixed = new();
        Assert.NotNull(hub.Subscribe(mixed, [new HubChannelRequest("odd", "id-1"), new HubChannelRequest("even")], "id-6", out _));
        Assert.Equal(["3", "5", "7"], mixed.Got);
    }

    [Fact]
    public void Deliver_OfAnIdThatIsKept_IsLeftOut()
    {
        MessageHub hub = Hub();
        Listener listener = new();
        Subscribe(hub, listener, null, "a", "b");
        hub.Deliver(Item("a", "1", "id"));
        Assert.Equal(0, hub.Deliver(Item("a", "again", "id")));
        Assert.Equal(1, hub.Deliver(Item("b", "another channel's", "id")));
        Assert.Equal(["1", "another channel's"], listener.Got);
    }

    [Fact]
    public void Deliver_OfCloseAndHint_IsNotKept()
    {
        MessageHub hub = Hub();
        hub.Deliver(new HubItem { Channel = "a", Id = "1", Stream = new HubStreamMessage(HubAction.Close, default) });
        hub.Deliver(new HubItem { Channel = "a", Id = "2", Response = new HubResponseMessage(HubAction.Hint, 0, "", [], default) });
        Assert.Equal(0, hub.Totals.HistoryItems);
    }

    [Fact]
    public void History_OfOneChannel_IsBoundedByNumber()
    {
        MessageHub hub = Hub(new HubConfig { HistorySize = 2 });
        hub.Deliver(Item("b", "0", "0"));
        for (int i = 1; i <= 5; i++)
        {
            hub.Deliver(Item("a", $"{i}", $"{i}"));
        }

        Listener listener = new();
        Subscribe(hub, listener, "none", "a", "b");
        Assert.Equal(["0", "4", "5"], listener.Got);
        Assert.Equal(new HubChannelInfo("a", 1, 2, "5"), hub.Channel("a"));
    }

    [Fact]
    public void History_OfAll_IsBoundedByBytes()
    {
        HubItem item = Item("a", new string('x', 1000));
        MessageHub hub = Hub(new HubConfig { HistoryBytes = 10 * item.Size });
        for (int i = 0; i < 25; i++)
        {
            hub.Deliver(Item($"{i % 5}", new string('x', 1000)));
        }

        Assert.Equal((10, 10L * item.Size), (hub.Totals.HistoryItems, hub.Totals.HistoryBytes));
        hub.Deliver(Item("a", new string('x', 20 * 1000)));
        Assert.Equal(10, hub.Totals.HistoryItems);
    }

    [Fact]
    public void History_ThatIsTooOld_IsForgotten_AndSoAreItsChannels()
    {
        MessageHub hub = Hub(new HubConfig { HistoryAge = TimeSpan.FromSeconds(10) });
        hub.Deliver(Item("a", "1", "1"));
        _clock.Pass(TimeSpan.FromSeconds(6));
        hub.Deliver(Item("b", "2", "2"));
        hub.Deliver(Item("c", "old", "3") with { PublishedAt = _clock.GetUtcNow() - TimeSpan.FromSeconds(20) });
        _clock.Pass(TimeSpan.FromSeconds(6));
        Assert.Equal(["b"], hub.Channels("", 10).Select(channel => channel.Channel));
        _clock.Pass(TimeSpan.FromSeconds(6));
        hub.ForgetExpired();
        HubTotals totals = hub.Totals;
        Assert.Equal((0, 0, 0L), (totals.Channels, totals.HistoryItems, totals.HistoryBytes));
    }

    [Fact]
    public void Subscribe_BeyondTheChannels_ForgetsHistoriesThatNobodyHears_AndIsRefusedThen()
    {
        MessageHub hub = Hub(new HubConfig { MaxChannels = 3 });
        Subscribe(hub, new Listener(), null, "a");
        hub.Deliver(Item("a", "1"));
        hub.Deliver(Item("b", "2"));
        hub.Deliver(Item("c", "3"));
        hub.Deliver(Item("d", "4"));
        Assert.Equal(["a", "c", "d"], hub.Channels("", 10).Select(channel => channel.Channel));
        Subscribe(hub, new Listener(), null, "e", "f");
        Assert.Equal(["a", "e", "f"], hub.Channels("", 10).Select(channel => channel.Channel));
        Assert.Null(hub.Subscribe(new Listener(), [new HubChannelRequest("a"), new HubChannelRequest("g")], null, out HubRefusal refusal));
        Assert.Equal((HubRefusal.Channels, 1), (refusal, hub.Channel("a").Subscribers));
        Assert.Equal(0, hub.Deliver(Item("g", "5")));
        Assert.Null(hub.Subscribe(new Listener(), [.. Enumerable.Range(0, 257).Select(i => new HubChannelRequest($"{i}"))], null, out refusal));
        Assert.Equal(HubRefusal.ChannelsOfConnection, refusal);
    }

    [Fact]
    public void Filters_LeaveOut_WhatTheyAreFor()
    {
        MessageHub hub = Hub();
        const HubFilters Filters = HubFilters.SkipSelf | HubFilters.SkipUsers | HubFilters.RequireSubscription;
        Listener filtered = new(("user", "ann"));
        HubSubscription subscription = hub.Subscribe(filtered, [new HubChannelRequest("a", null, Filters), new HubChannelRequest("b")], null, out _)!;
        Listener all = new(("user", "ann"));
        Subscribe(hub, all, null, "a");
        HubItem item = Item("a", "plain");
        hub.Deliver(item);
        hub.Deliver(With("sender", "ann"));
        hub.Deliver(With("sender", "bob"));
        hub.Deliver(With("skip_users", "cid, ann"));
        hub.Deliver(With("skip_users", "annabel"));
        hub.Deliver(With("require_sub", "b"));
        hub.Deliver(With("require_sub", "c"));
        subscription.Remove("b");
        hub.Deliver(With("require_sub", "b"));
        Assert.Equal(["plain", "sender=bob", "skip_users=annabel", "require_sub=b"], filtered.Got);
        Assert.Equal(8, all.Got.Count);

        static HubItem With(string name, string value) =>
            Item("a", $"{name}={value}") with { Meta = new Dictionary<string, string> { [name] = value } };
    }

    [Fact]
    public void Presence_TellsWhoIsSubscribed()
    {
        MessageHub hub = Hub();
        Subscribe(hub, new Listener(("user", "ann")), null, "room-1");
        Subscribe(hub, new Listener(("user", "bob")), null, "room-1", "hall");
        Assert.Equal(["ann", "bob"], hub.Presence("room-1", 10).Select(present => present.Meta["user"]));
        Assert.Equal(_clock.GetUtcNow(), Assert.Single(hub.Presence("room-1", 1)).Since);
        Assert.Empty(hub.Presence("nowhere", 10));
        Assert.Equal([new HubChannelInfo("room-1", 2, 0, null)], hub.Channels("room", 10));
        Assert.Single(hub.Channels("", 1));
    }

    [Fact]
    public void Admission_CountsConnectionsAndAddresses()
    {
        HubAdmission admission = new(new HubConfig { MaxConnections = 3, MaxConnectionsPerAddress = 2 });
        Assert.Equal(HubRefusal.None, admission.Enter("a"));
        Assert.Equal(HubRefusal.None, admission.Enter("a"));
        Assert.Equal(HubRefusal.ConnectionsOfAddress, admission.Enter("a"));
        Assert.Equal(HubRefusal.None, admission.Enter("b"));
        Assert.Equal(HubRefusal.Connections, admission.Enter("c"));
        admission.Leave("a");
        Assert.Equal(HubRefusal.None, admission.Enter("a"));
        Assert.Equal(3, admission.Count);
    }

    [Fact]
    public async Task Subscribe_WhileOthersPublish_MissesNothing_AndGetsNothingTwice()
    {
        const int Publishers = 4;
        const int Each = 2000;
        MessageHub hub = Hub(new HubConfig { HistorySize = Publishers * Each * 2 });
        Listener whole = new();
        Subscribe(hub, whole, null, "a", "b");
        Task publishing = Task.WhenAll(Enumerable.Range(0, Publishers).Select(publisher => Task.Run(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                hub.Deliver(Item(i % 3 == 0 ? "b" : "a", $"{publisher}-{i}", $"{publisher}-{i}"));
            }
        })));

        // A client that comes again and again, with what it got last.
        List<string> pieces = [];
        bool isLast;
        do
        {
            isLast = publishing.IsCompleted;
            Listener piece = new();
            Subscribe(hub, piece, pieces.Count == 0 ? "none" : pieces[^1], "a", "b").Dispose();
            pieces.AddRange(piece.Got);
        }
        while (!isLast);

        await publishing;
        Assert.Equal(Publishers * Each, whole.Got.Count);
        Assert.Equal(whole.Got, pieces);
        for (int publisher = 0; publisher < Publishers; publisher++)
        {
            Assert.Equal(Enumerable.Range(0, Each).Select(i => $"{publisher}-{i}"), whole.Got.Where(text => text.StartsWith($"{publisher}-", StringComparison.Ordinal)));
        }
    }

    private MessageHub Hub(HubConfig? config = null) => new(config ?? new HubConfig(), _clock);

    private static HubSubscription Subscribe(MessageHub hub, Listener listener, string? lastEventId, params string[] channels)
    {
        HubSubscription? subscription = hub.Subscribe(listener, [.. channels.Select(name => new HubChannelRequest(name))], lastEventId, out HubRefusal refusal);
        Assert.Equal(HubRefusal.None, refusal);
        return subscription!;
    }
}
