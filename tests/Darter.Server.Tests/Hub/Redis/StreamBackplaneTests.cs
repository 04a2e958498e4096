using Darter.Testing;

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

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? a : b).PublishAsync("room", $"{i}")));

        await Wait.Until(() => a.Delivered("room").Count == 200 && b.Delivered("room").Count == 200, "all items");
        Assert.Equal(a.Delivered("room"), b.Delivered("room"));
        Assert.Equal(200, a.Delivered("room").Distinct().Count());
    }

    [Fact]
    public async Task Publish_OverTheStream_SaysHowManyItReached()
    {
        StreamServer server = new();
        await using StreamNode a = new(server, "a", ["room"]);
        await a.ConnectedAsync();

        Assert.Equal(1, await a.PublishAsync("room", "x"));
        Assert.Equal(0, await a.PublishAsync("other", "x"));
    }

    [Fact]
    public async Task Publish_WithTheServerAway_DeliversHereAndSharesLater()
    {
        StreamServer server = new();
        server.Down();
        await using StreamNode a = new(server, "a", ["room"]);
        await using StreamNode b = new(server, "b", ["room"]);

        Assert.Equal(1, await a.PublishAsync("room", "1"));
        Assert.Equal(1, await a.PublishAsync("room", "2"));
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

        Assert.Equal(1, await a.PublishAsync("room", "1"));
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
    public async Task Publish_ToAStreamThatTheNodeHasNotRead_ReadsItAndWaitsForNoTimeout()
    {
        CollectingLogger log = new();
        StreamServer server = new();
        await using StreamNode a = new(server, "a", ["room"]);
        await a.ConnectedAsync();
        await a.PublishAsync("room", "1");
        await using StreamNode b = new(server, "b", [], logger: log);
        await b.ConnectedAsync();
        await b.PublishAsync("room", "2");

        await Wait.Until(() => a.Delivered("room").Count == 2, "the item at the other node");
        Assert.Equal(["1", "2"], b.Delivered("room"));
        Assert.DoesNotContain(log.Lines, line => line.Contains("is away"));
    }

    [Fact]
    public async Task Channel_ThatNobodyAskedFor_IsReadWhenSomebodyDoes()
    {
        StreamServer server = new();
        await using StreamNode a = new(server, "a", []);
        await using StreamNode b = new(server, "b", ["other"]);
        await a.ConnectedAsync();
        await b.ConnectedAsync();
        string[] items = [.. Enumerable.Range(0, 200).Select(i => $"{i}")];
        foreach (string item in items)
        {
            await a.PublishAsync("room", item);
        }

        await a.PublishAsync("other", "x");
        await Wait.Until(() => b.Delivered("other").Count == 1, "an item that was published later");
        Assert.Empty(b.Delivered("room"));
        await b.CatchUpAsync("room");
        Assert.Equal(items, b.Delivered("room"));
    }

    [Fact]
    public async Task Items_OfAllChannels_AreBoundedByTheirBytes()
    {
        CollectingLogger log = new();
        StreamServer server = new();
        server.Down();
        await using StreamNode a = new(server, "a", [], logger: log, bytes: 100_000);
        for (int i = 0; i < 100; i++)
        {
            await a.PublishAsync($"{i}", new string('x', 9_000));
        }

        server.Up();
        await Wait.Until(() => log.Lines.Any(line => line.Contains("items, more than the history holds")), () => string.Join('\n', log.Lines));
        int dropped = int.Parse(log.Lines.Single(line => line.Contains("items, more than the history holds")).Split(' ')[0]);
        Assert.InRange(100 - dropped, 7, 10);
        await Wait.Until(() => Enumerable.Range(dropped, 100 - dropped).All(i => server.Stream($"{i}").Count == 1), "the latest items");
        Assert.All(Enumerable.Range(0, dropped), i => Assert.Empty(server.Stream($"{i}")));
    }

    [Fact]
    public async Task Channels_OfWhichNodesKnow_AreBounded()
    {
        StreamServer server = new();
        await using StreamNode a = new(server, "a", ["room"], channels: 8);
        await a.ConnectedAsync();
        await a.PublishAsync("room", "1");
        for (int i = 0; i < 100; i++)
        {
            await a.PublishAsync($"{i}", "x");
            Assert.InRange(a.Backplane.Channels, 1, 9);
        }

        await a.PublishAsync("room", "2");
        await a.PublishAsync("0", "y");
        Assert.Equal(["1", "2"], a.Delivered("room"));
        Assert.Equal(["x", "y"], a.Delivered("0").Distinct());
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
