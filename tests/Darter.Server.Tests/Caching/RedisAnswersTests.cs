using Darter.Server.Caching;
using Darter.Server.Configuration;
using Darter.Server.Redis;
using Darter.Server.Tests.Hub.Redis;
using Darter.Testing;
using Darter.Testing.Redis;

namespace Darter.Server.Tests.Caching;

/// <summary>The caches of several servers with a real Redis behind them, which is killed.</summary>
public sealed class RedisAnswersTests
{
    private const string Fresh = "max-age=3600";

    [Fact]
    public async Task Answer_OfOneServer_IsAHitAtTheOther()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        await using Node b = await Node.StartAsync(redis);
        await a.FillAsync("/news", "one", ("ETag", "\"1\""));
        await b.HasAsync("/news", "one");
        CacheAsk hit = b.Cache.Get("/news");
        Assert.True(hit.IsHit);
        Assert.StartsWith("Darter; hit; ttl=3", hit.CacheStatus, StringComparison.Ordinal);
        Assert.Equal("\"1\"", hit.Response.ETag);
        Assert.Equal((1, 0), (b.Cache.Cache.Totals.Fetched, b.Cache.Cache.Totals.Misses));
    }

    [Fact]
    public async Task Answer_ThatVaries_IsForRequestsLikeItsOwn()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        await using Node b = await Node.StartAsync(redis);
        foreach (string language in (string[])["de", "en"])
        {
            CacheAsk ask = await a.AskAsync("/", ("Accept-Language", language));
            ask.Answer(200, language, ("Cache-Control", Fresh), ("Vary", "Accept-Language"));
        }

        foreach (string language in (string[])["de", "en"])
        {
            await b.HasAsync("/", language, ("Accept-Language", language));
        }

        Assert.True((await b.AskAsync("/", ("Accept-Language", "fr"))).Asks);
    }

    [Theory]
    [InlineData("url")]
    [InlineData("path")]
    [InlineData("prefix")]
    [InlineData("tag")]
    [InlineData("all")]
    [InlineData("change")]
    public async Task Purge_AtOneServer_ReachesMemoryOfTheOther_AndRedis(string kind)
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        await using Node b = await Node.StartAsync(redis);
        await a.FillAsync("/news?a=[1]*", "old", ("Surrogate-Key", "x news"));
        await b.HasAsync("/news?a=[1]*", "old");
        CachePurge? purge = kind switch
        {
            "url" => AnswerCache.PurgeOfUrl("http://example.org/news?a=[1]*"),
            "path" => AnswerCache.PurgeOfUrl("/news?a=[1]*"),
            "prefix" => AnswerCache.PurgeOfPrefix("/news?a=["),
            "tag" => new CachePurge(PurgeKind.Tag, "news"),
            "all" => CachePurge.All,
            _ => null,
        };
        if (purge is { } operators)
        {
            Assert.Equal(1, await a.Cache.Cache.PurgeAsync(operators));
        }
        else
        {
            a.Cache.Ask("POST", "/news?a=[1]*").Change();
        }

        await Wait.Until(() => b.Cache.Cache.Store.Count == 0, "the purge to arrive");
        await using Node c = await Node.StartAsync(redis);
        Assert.True((await c.AskAsync("/news?a=[1]*")).Asks);
        Assert.True((await b.AskAsync("/news?a=[1]*")).Asks);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_ThatWasAskedForBeforeAPurge_IsNotStoredAfterIt(bool isChange)
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        await using Node b = await Node.StartAsync(redis);
        CacheAsk ask = await a.AskAsync("/news");
        Assert.True(ask.Asks);
        await b.Cache.Cache.PurgeAsync(isChange ? new CachePurge(PurgeKind.Key, "http://example.org/news") : new CachePurge(PurgeKind.Tag, "x"));
        ask.Answer(200, "old", ("Cache-Control", Fresh));

        // What a server sends Redis is done in its order.
        await a.FillAsync("/other", "x");
        await using Node c = await Node.StartAsync(redis);
        Assert.True((await c.AskAsync("/news")).Asks);
    }

    [Fact]
    public async Task Purge_OfSomethingElse_LeavesWhatIsThere()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        await a.FillAsync("/news", "one", ("Surrogate-Key", "news"));
        await a.Cache.Cache.PurgeAsync(new CachePurge(PurgeKind.Tag, "other"));
        await using Node b = await Node.StartAsync(redis);
        await b.HasAsync("/news", "one");
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("condition")]
    [InlineData("range")]
    [InlineData("only-if-cached")]
    public async Task Request_ThatCouldNotFillTheCache_GetsWhatAnotherServerHas(string kind)
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        await using Node b = await Node.StartAsync(redis);
        await a.FillAsync("/news", "0123456789", ("ETag", "\"1\""));
        CacheAsk ask = kind switch
        {
            "HEAD" => b.Cache.Ask("HEAD", "/news"),
            "condition" => b.Cache.Get("/news", ("If-None-Match", "\"1\"")),
            "range" => b.Cache.Get("/news", ("Range", "bytes=2-3")),
            _ => b.Cache.Get("/news", ("Cache-Control", "only-if-cached")),
        };
        await Wait.Until(() => !ask.Waits, "Redis");
        ask.Look();
        Assert.True(ask.IsHit);
        Assert.Equal(kind switch { "condition" => 304, "range" => 206, _ => 200 }, ask.Status);
        Assert.Equal(kind switch { "HEAD" or "condition" => "", "range" => "23", _ => "0123456789" }, ask.Body);
    }

    [Fact]
    public async Task Stale_IsRefreshedByOneServer_ForAll()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        await using Node b = await Node.StartAsync(redis);
        const string Stale = "max-age=10, stale-while-revalidate=100000";
        await a.FillAsync("/a", "old", ("Cache-Control", Stale));
        await b.HasAsync("/a", "old");
        a.Cache.Pass(20);
        b.Cache.Pass(20);

        // Redis has a clock of its own, by which this is no time.
        await redis.AskAsync("DEL darter:{answers}:of:http://example.org/a");
        Assert.True(a.Cache.Get("/a").IsHit);
        await Wait.Until(() => a.Cache.Refreshes.Count == 1, "the request of the cache's own");
        a.Cache.Refreshes[0].Answer(200, "new", ("Cache-Control", Stale));
        Assert.Equal("new", a.Cache.Get("/a").Body);

        // Until that is in Redis, the other server would ask, too.
        const string Find = "EVAL \"for _, v in ipairs(redis.call('HVALS', KEYS[1])) do if string.find(v, 'new', 1, true) then return 1 end end return 0\" 1 darter:{answers}:of:http://example.org/";
        await Wait.Until(async () => await redis.AskAsync(Find + "a") == ":1", () => "the answer in Redis");
        Assert.Equal("old", b.Cache.Get("/a").Body);
        await Wait.Until(() => b.Cache.Get("/a").Body == "new", "the other server's answer");
        Assert.Empty(b.Cache.Refreshes);
    }

    [Fact]
    public async Task Hit_InMemory_DoesNotAskRedis()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        await a.FillAsync("/news", "one");
        redis.Freeze();
        for (int i = 0; i < 100; i++)
        {
            Assert.True(a.Cache.Get("/news").IsHit);
        }

        redis.Thaw();
        Assert.True(a.Link.IsConnected);
    }

    [Fact]
    public async Task Misses_AtTheSameTime_AskRedisAndTheApplicationOnce()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        CacheAsk[] asks = [.. Enumerable.Range(0, 50).Select(_ => a.Cache.Get("/news"))];
        Assert.All(asks, ask => Assert.False(ask.Asks || ask.IsHit));
        await Wait.Until(() => !asks.Any(ask => ask.Waits), "Redis");
        foreach (CacheAsk ask in asks)
        {
            ask.Look();
        }

        CacheAsk first = Assert.Single(asks, ask => ask.Asks);
        first.Answer(200, "one", ("Cache-Control", Fresh));
        foreach (CacheAsk ask in asks.Where(ask => ask != first))
        {
            await Wait.Until(() => !ask.Waits, "the answer");
            ask.Look();
            Assert.Equal("one", ask.Body);
        }

        Assert.Equal(1, a.Cache.Cache.Totals.Misses);
    }

    [Fact]
    public async Task Redis_ThatHasOldAnswersAgain_GivesNoneOfThem()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        await a.FillAsync("/news", "old");

        // As if it were started with what it had on its disk.
        await redis.AskAsync("SET darter:{answers}:run earlier");
        await using Node b = await Node.StartAsync(redis);
        Assert.True((await b.AskAsync("/news")).Asks);
    }

    [Fact]
    public async Task Redis_ThatHasNoRoomForPurges_GivesNoneOfTheAnswersBefore()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        await using Node b = await Node.StartAsync(redis);
        await a.FillAsync("/news", "old");
        await redis.AskAsync("DEL darter:{answers}:purges");
        Assert.True((await b.AskAsync("/news")).Asks);
    }

    [Fact]
    public async Task Redis_Killed_MeansSlower_AndWhatWasMissedIsForgotten()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        await using Node b = await Node.StartAsync(redis);
        await a.FillAsync("/news", "old");
        await b.HasAsync("/news", "old");
        redis.Kill();
        await Wait.Until(() => !a.Link.IsConnected && !b.Link.IsConnected, "the loss to be noticed");
        Assert.True(b.Cache.Get("/news").IsHit);
        CacheAsk alone = b.Cache.Get("/other");
        Assert.True(alone.Asks);
        alone.Answer(200, "x", ("Cache-Control", Fresh));
        Assert.True(b.Cache.Get("/other").IsHit);

        // The other server does not hear of this one.
        await a.Cache.Cache.PurgeAsync(new CachePurge(PurgeKind.Tag, "news"));
        await redis.StartAgainAsync();
        await Wait.Until(() => a.Link.IsConnected && b.Link.IsConnected, "the connections");
        Assert.Equal(0, b.Cache.Cache.Store.Count);
        Assert.Equal(["away", "connected"], b.Log.Lines.Skip(1).Select(line => line.Contains("is away", StringComparison.Ordinal) ? "away" : "connected"));
        await a.FillAsync("/news", "new");
        await b.HasAsync("/news", "new");
    }

    [Fact]
    public async Task Garbage_InRedis_IsAMiss()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        await a.FillAsync("/news", "one");
        await redis.AskAsync("EVAL \"for _, f in ipairs(redis.call('HKEYS', KEYS[1])) do if f ~= 'v' then redis.call('HSET', KEYS[1], f, 'garbage') end end\" 1 darter:{answers}:of:http://example.org/news");
        await using Node b = await Node.StartAsync(redis);
        Assert.True((await b.AskAsync("/news")).Asks);
    }

    [Fact]
    public async Task User_WhoMayOnlyShareValues_SharesNoAnswers_AndCachesAlone()
    {
        Assert.SkipUnless(RedisServer.Missing is null, RedisServer.Missing ?? "");
        await using RedisServer redis = await RedisServer.StartAsync("--user", "app", "on", ">secret", "~darter:values:*", "resetchannels", "+@all");
        await using Node node = await Node.StartAsync(redis, $"redis://app:secret@127.0.0.1:{redis.Port}");
        Assert.Single(node.Log.Lines, line => line.StartsWith("Answers are not shared (--cache-redis), since Redis does not do what it is asked: ", StringComparison.Ordinal));
        CacheAsk ask = node.Cache.Get("/news");
        Assert.True(ask.Asks);
        ask.Answer(200, "one", ("Cache-Control", Fresh));
        Assert.True(node.Cache.Get("/news").IsHit);
        Assert.True(node.Link.IsConnected);
    }

    private static Task<RedisServer> StartRedisAsync()
    {
        Assert.SkipUnless(RedisServer.Missing is null, RedisServer.Missing ?? "");
        return RedisServer.StartAsync();
    }

    /// <summary>A server's cache.</summary>
    private sealed class Node : IAsyncDisposable
    {
        private readonly RedisServer _redis;

        private Node(RedisServer redis, string url)
        {
            _redis = redis;
            Assert.True(RedisAddress.TryParse(url, out RedisAddress? address, out string? error), error);

            // Time limits are none of these tests' business.
            Link = new RedisLink(address, TimeProvider.System, Log) { AnswerTimeout = Wait.Patience };
            Cache.Cache.Shared = new RedisAnswers(Link, Cache.Cache.Clock, Cache.Cache.Apply, Log);
        }

        internal RedisLink Link { get; }

        internal CollectingLogger Log { get; } = new();

        internal CacheHarness Cache { get; } = new();

        public ValueTask DisposeAsync() => Link.DisposeAsync();

        internal static async Task<Node> StartAsync(RedisServer redis, string? url = null)
        {
            Node node = new(redis, url ?? redis.Url);
            node.Link.Start();
            await Wait.Until(() => node.Link.IsConnected, () => $"the connection: {string.Join("\n", node.Log.Lines)}");
            return node;
        }

        /// <summary>A request, once it is known whether another server has its answer.</summary>
        internal async Task<CacheAsk> AskAsync(string target, params (string Name, string Value)[] fields)
        {
            CacheAsk ask = Cache.Get(target, fields);
            await Wait.Until(() => !ask.Waits, "Redis");

            if (!ask.IsHit && !ask.Asks)
            {
                ask.Look();
            }

            return ask;
        }

        /// <summary>Has the application answer, and waits until that is in Redis.</summary>
        internal async Task FillAsync(string target, string body, params (string Name, string Value)[] fields)
        {
            CacheAsk ask = await AskAsync(target);
            ask.Answer(200, body, fields.Any(field => field.Name == "Cache-Control") ? fields : [("Cache-Control", Fresh), .. fields]);
            await Wait.Until(async () => await _redis.AskAsync($"EXISTS darter:{{answers}}:of:http://example.org{target}") == ":1", () => "the answer in Redis");
        }

        /// <summary>Waits until a request is answered with what another server has kept.</summary>
        internal Task HasAsync(string target, string body, params (string Name, string Value)[] fields) => Wait.Until(
            async () =>
            {
                CacheAsk ask = await AskAsync(target, fields);
                if (ask.Asks)
                {
                    ask.Leave();
                }

                return ask.IsHit && ask.Body == body;
            },
            () => $"{body} at {target}");
    }
}
