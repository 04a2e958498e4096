using Darter.Testing;
using Darter.Testing.Redis;

namespace Darter.Server.Tests.Hub.Redis;

/// <summary>Hubs over a real Redis, which is killed and frozen.</summary>
public class RedisBackplaneTests
{
    [Fact]
    public async Task Items_OfTwoHubs_ReachBothInOneOrder()
    {
        SkipWithoutRedis();
        await using RedisServer redis = await RedisServer.StartAsync();
        await using RedisNode a = new(redis.Url);
        await using RedisNode b = new(redis.Url + "/0");
        await a.SharedAsync();
        await b.SharedAsync();
        SharedListener atA = a.Subscribe("raum {1} ü");
        SharedListener atB = b.Subscribe("raum {1} ü");

        int[] reached = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => (i % 2 == 0 ? a : b).PublishAsync("raum {1} ü", $"{i}")));

        Assert.All(reached, count => Assert.Equal(1, count));
        await Wait.Until(() => atA.Ids.Count == 300 && atB.Ids.Count == 300, () => $"300 items, there are {atA.Ids.Count} and {atB.Ids.Count}");
        Assert.Equal(atA.Ids, atB.Ids);
        Assert.Equal(300, atA.Ids.Distinct().Count());
    }

    [Fact]
    public async Task Redis_KilledAndStartedWhileItemsArePublished_CostsNoneAndDoublesNone()
    {
        SkipWithoutRedis();
        await using RedisServer redis = await RedisServer.StartAsync();
        await using RedisNode a = new(redis.Url);
        await using RedisNode b = new(redis.Url);
        await a.SharedAsync();
        await b.SharedAsync();
        SharedListener atA = a.Subscribe("room");
        SharedListener atB = b.Subscribe("room");
        using CancellationTokenSource stop = new();
        Task<int>[] publishers = [PublishAsync(a, "a", stop.Token), PublishAsync(b, "b", stop.Token)];

        for (int round = 1; round <= 3; round++)
        {
            int before = atA.Ids.Count;
            await Wait.Until(() => atA.Ids.Count > before + 50, "items with Redis there");
            redis.Kill();
            await Wait.Until(() => a.Log.Lines.Count(IsAway) >= round && b.Log.Lines.Count(IsAway) >= round, "both to notice");
            before = atA.Ids.Count;
            await Wait.Until(() => atA.Ids.Count > before + 50, "items without Redis");
            await redis.StartAgainAsync();
            await a.SharedAsync(round + 1);
            await b.SharedAsync(round + 1);
        }

        await stop.CancelAsync();
        int[] counts = await Task.WhenAll(publishers);
        string[] ofA = [.. Enumerable.Range(0, counts[0]).Select(i => $"a{i}")];
        string[] ofB = [.. Enumerable.Range(0, counts[1]).Select(i => $"b{i}")];
        foreach (SharedListener listener in new[] { atA, atB })
        {
            await Wait.Until(() => listener.Ids.Count >= ofA.Length + ofB.Length, () => $"{counts[0]} and {counts[1]} items, there are {listener.Ids.Count}");
            Assert.Equal(ofA, listener.Ids.Where(id => id[0] == 'a'));
            Assert.Equal(ofB, listener.Ids.Where(id => id[0] == 'b'));
        }
    }

    [Fact]
    public async Task Redis_ThatAnswersNothing_HoldsUpNoPublisherForLong()
    {
        SkipWithoutRedis();
        await using RedisServer redis = await RedisServer.StartAsync();
        await using RedisNode a = new(redis.Url, TimeSpan.FromSeconds(2));
        await using RedisNode b = new(redis.Url, TimeSpan.FromSeconds(2));
        await a.SharedAsync();
        await b.SharedAsync();
        SharedListener atA = a.Subscribe("room");
        SharedListener atB = b.Subscribe("room");
        redis.Freeze();

        Assert.Equal(1, await Wait.For(a.PublishAsync("room", "1"), "a publisher"));
        Assert.Equal(1, await Wait.For(a.PublishAsync("room", "2"), "a publisher"));
        redis.Thaw();

        await Wait.Until(() => atB.Ids.Count == 2, () => $"both items at the other hub, there are {string.Join(' ', atB.Ids)}");
        Assert.Equal(["1", "2"], atA.Ids);
        Assert.Equal(["1", "2"], atB.Ids);
    }

    [Fact]
    public async Task Client_ThatComesBackToAHubStartedLater_GetsWhatItMissed()
    {
        SkipWithoutRedis();
        await using RedisServer redis = await RedisServer.StartAsync();
        RedisNode a = new(redis.Url);
        await a.SharedAsync();
        for (int i = 0; i < 10; i++)
        {
            await a.PublishAsync("room", $"{i}");
        }

        await a.DisposeAsync();
        await using RedisNode b = new(redis.Url);
        await b.SharedAsync();
        SharedListener back = b.Subscribe("room", lastId: "6");
        SharedListener fresh = b.Subscribe("room");
        await Wait.Until(() => back.Ids.Count == 3, () => $"what was missed, there is {string.Join(' ', back.Ids)}");
        await b.PublishAsync("room", "10");

        Assert.Equal(["7", "8", "9", "10"], back.Ids);
        Assert.Equal("10", fresh.Ids[^1]);
    }

    [Fact]
    public async Task Keys_InRedis_ExpireByThemselves()
    {
        SkipWithoutRedis();
        await using RedisServer redis = await RedisServer.StartAsync();
        await using RedisNode a = new(redis.Url);
        await a.SharedAsync();
        await a.PublishAsync("room", "1");

        // Answers are "*N" or ":N" with the number of keys, and of those that expire, which "INFO keyspace" has in one line.
        Assert.Equal(":3", await redis.AskAsync("EVAL \"local n = 0 for _, k in ipairs(redis.call('KEYS', 'darter:hub:*')) do if redis.call('PTTL', k) > 0 then n = n + 1 end end return n\" 0"));
        Assert.Equal(":3", await redis.AskAsync("DBSIZE"));
    }

    [Fact]
    public async Task Password_RightOrWrong_IsUsed()
    {
        SkipWithoutRedis();
        await using RedisServer redis = await RedisServer.StartAsync("--requirepass", "s3cr@t");
        await using RedisNode right = new(redis.Url.Replace("redis://", "redis://:s3cr%40t@", StringComparison.Ordinal));
        await using RedisNode wrong = new(redis.Url.Replace("redis://", "redis://:wrong@", StringComparison.Ordinal));
        await right.SharedAsync();
        await Wait.Until(() => wrong.Log.Lines.Count == 1, "a line about the wrong password");
        Assert.Contains("is refused", wrong.Log.Lines[0]);
        Assert.DoesNotContain("wrong@", wrong.Log.Lines[0]);
        Assert.Equal(0, await wrong.PublishAsync("room", "1"));
    }

    [Fact]
    public async Task Databases_OfOneServer_ShareNothing()
    {
        SkipWithoutRedis();
        await using RedisServer redis = await RedisServer.StartAsync();
        await using RedisNode a = new(redis.Url + "/1");
        await using RedisNode b = new(redis.Url + "/2");
        await using RedisNode c = new(redis.Url + "/2");
        await Task.WhenAll(a.SharedAsync(), b.SharedAsync(), c.SharedAsync());
        SharedListener atC = c.Subscribe("room");
        await a.PublishAsync("room", "1");
        await b.PublishAsync("room", "2");

        await Wait.Until(() => atC.Ids.Count > 0, "the item of its own database");
        Assert.Equal(["2"], atC.Ids);
        Assert.Equal($"{redis.Url}/2: connected", c.State);
    }

    [Fact]
    public async Task Server_WithoutTls_IsNotUsedWhereTlsIsAskedFor()
    {
        SkipWithoutRedis();
        await using RedisServer redis = await RedisServer.StartAsync();
        await using RedisNode plain = new(redis.Url.Replace("redis://", "rediss://", StringComparison.Ordinal));
        await Wait.Until(() => plain.Log.Lines.Count > 0, "a line about a server without TLS");
        Assert.Contains("is away", plain.Log.Lines[0]);
        Assert.StartsWith($"rediss://127.0.0.1:{redis.Port}/0: away, ", plain.State);
    }

    private static bool IsAway(string line) => line.Contains("is away", StringComparison.Ordinal);

    private static void SkipWithoutRedis() => Assert.SkipUnless(RedisServer.Missing is null, RedisServer.Missing ?? "");

    private static async Task<int> PublishAsync(RedisNode node, string name, CancellationToken stop)
    {
        int count = 0;
        while (!stop.IsCancellationRequested)
        {
            await node.PublishAsync("room", $"{name}{count++}");

            // The pace of a publisher, and nothing that is waited for: as fast as it can it would leave the history's bounds.
            await Task.Delay(1, CancellationToken.None);
        }

        return count;
    }
}
