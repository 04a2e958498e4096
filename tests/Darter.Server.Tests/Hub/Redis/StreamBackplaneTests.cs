using Darter.Testing;
using Darter.Server.Hub.Redis;

namespace Darter.Server.Tests.Hub.Redis;

/// <summary>Items shared over streams.</summary>
public class StreamBackplaneTests
{
    [Fact]
    public async Task Publish_WithTwoNodes_ReachesBothInTheOrderOfTheStream()
    {
        StreamServer server = new();
        await using StreamNode a = new(server, "a", ["room"]);
        await using StreamNode b = new(server, "b", ["room"]);
        await a.ConnectedAsync();
        await b.ConnectedAsync();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? a : b).PublishAsync("room", $"{i}").AsTask()));

        await Wait.Until(() => a.Delivered("room").Count == 200 && b.Delivered("room").Count == 200, "all items");
        Assert.Equal(a.Delivered("room"), b.Delivered("room"));
        Assert.Equal(200, a.Delivered("room").Distinct().Count());
    }

    [Fact]
    public async Task Publish_OverTheStream_SaysSoAndHowManyItReached()
    {
        StreamServer server = new();
        await using StreamNode a = new(server, "a", ["room"]);
        await a.ConnectedAsync();

        Assert.Equal(new StreamOutcome(1, Shared: true), await a.PublishAsync("room", "x"));
        Assert.Equal(new StreamOutcome(0, Shared: true), await a.PublishAsync("other", "x"));
    }

    [Fact]
    public async Task Publish_WithTheServerAway_DeliversHereAndSharesLater()
    {
        StreamServer server = new();
        server.Down();
        await using StreamNode a = new(server, "a", ["room"]);
        await using StreamNode b = new(server, "b", ["room"]);

        Assert.Equal(new StreamOutcome(1, Shared: false), await a.PublishAsync("room", "1"));
        Assert.Equal(new StreamOutcome(1, Shared: false), await a.PublishAsync("room", "2"));
        Assert.Empty(b.Delivered("room"));
        server.Up();

        await Wait.Until(() => b.Delivered("room").Count == 2, "the items at the other node");
        Assert.Equal(["1", "2"], b.Delivered("room").Select(item => item.Replace("old ", "", StringComparison.Ordinal)));
        Assert.Equal(["1", "2"], a.Delivered("room"));
    }

    [Fact]
    public async Task Publish_ToAServerThatDoesNotAnswer_DeliversHereAfterTheTimeout()
    {
        StreamServer server = new();
        await using StreamNode a = new(server, "a", ["room"], TimeSpan.FromMilliseconds(50));
        await a.ConnectedAsync();
        server.IsStuck = true;

        Assert.Equal(new StreamOutcome(1, Shared: false), await a.PublishAsync("room", "1"));
        server.IsStuck = false;
        await Wait.Until(() => server.Stream("room").Count == 1, "the item in the stream");
        Assert.Equal(["1"], a.Delivered("room"));
    }

    [Fact]
    public async Task Server_ThatHasLostEverything_GetsTheItemsAgainAndNobodyTwice()
    {
        StreamServer server = new();
        await using StreamNode a = new(server, "a", ["room"]);
        await using StreamNode b = new(server, "b", ["room"]);
        await a.ConnectedAsync();
        await b.ConnectedAsync();
        await a.PublishAsync("room", "1");
        await b.PublishAsync("room", "2");
        server.Down();
        server.Lose();
        server.Up();

        await Wait.Until(() => server.Stream("room").Count == 2, "the stream to be filled again");
        await using StreamNode c = new(server, "c", []);
        await c.ConnectedAsync();
        await c.CatchUpAsync("room");
        Assert.Equal(["1", "2"], c.Delivered("room").Order());
        await a.ConnectedAsync();
        await b.ConnectedAsync();
        await a.PublishAsync("room", "3");
        await Wait.Until(() => b.Delivered("room").Contains("3"), "the next item");
        Assert.Equal(["1", "2", "3"], a.Delivered("room"));
        Assert.Equal(["1", "2", "3"], b.Delivered("room"));
    }

    [Fact]
    public async Task Server_FlushedUnderOpenConnections_IsNoticedAtTheNextItem()
    {
        StreamServer server = new();
        await using StreamNode a = new(server, "a", ["room"]);
        await using StreamNode b = new(server, "b", ["room"]);
        await a.ConnectedAsync();
        await b.ConnectedAsync();
        await a.PublishAsync("room", "1");
        await Wait.Until(() => b.Delivered("room").Count == 1, "the first item");
        server.Lose();
        await a.PublishAsync("room", "2");

        await Wait.Until(() => b.Delivered("room").Count == 2 && server.Stream("room").Count == 2, "both items again");
        Assert.Equal(["1", "2"], b.Delivered("room"));
        Assert.Equal(["1", "2"], a.Delivered("room"));
    }

    [Fact]
    public async Task CatchUp_OnANodeThatCameLater_HasTheHistoryBeforeWhatFollows()
    {
        StreamServer server = new();
        await using StreamNode a = new(server, "a", []);
        await a.ConnectedAsync();
        await a.PublishAsync("room", "1");
        await a.PublishAsync("room", "2");
        await using StreamNode b = new(server, "b", []);
        await b.ConnectedAsync();
        await b.CatchUpAsync("room");
        Assert.Equal(["1", "2"], b.Delivered("room"));

        await a.PublishAsync("room", "3");
        await Wait.Until(() => b.Delivered("room").Count == 3, "what follows");
        Assert.Equal("3", b.Delivered("room")[2]);
    }

    [Fact]
    public async Task Server_AwayAndBack_IsLoggedOnceEach()
    {
        CollectingLogger log = new();
        StreamServer server = new();
        server.Down();
        await using StreamNode a = new(server, "a", ["room"], logger: log);
        await Wait.Until(() => server.Refused > 3, "some attempts");
        server.Up();
        await a.ConnectedAsync();
        await Wait.Until(() => log.Lines.Count == 2, "two lines");
        server.Down();
        await Wait.Until(() => server.Refused > 10, "more attempts");
        server.Up();

        await Wait.Until(() => log.Lines.Count == 4, "four lines");
        Assert.Equal(["away", "shared", "away", "shared"], log.Lines.Select(line => line.Contains("is away") ? "away" : "shared"));
        Assert.Contains("Connection refused", log.Lines[0]);
        Assert.Contains("Connection reset by peer", log.Lines[2]);
    }

    [Fact]
    public async Task Items_PublishedWhileAway_AreBoundedAndTheLatestAreKept()
    {
        CollectingLogger log = new();
        StreamServer server = new();
        server.Down();
        await using StreamNode a = new(server, "a", [], logger: log, items: 10);
        for (int i = 0; i < 30; i++)
        {
            await a.PublishAsync("room", $"{i}");
        }

        server.Up();
        await Wait.Until(() => server.Stream("room").Count == 10, "the latest items");
        await Wait.Until(() => log.Lines.Any(line => line.StartsWith("20 items")), () => string.Join('\n', log.Lines));
    }
}
