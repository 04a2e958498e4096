using System.Globalization;
using System.Text;
using CsCheck;
using Darter.Server.Configuration;
using Darter.Server.Redis;
using Darter.Server.SharedValues;
using Darter.Server.Tests.Hub;
using Darter.Server.Tests.Hub.Redis;
using Darter.Testing;
using Darter.Testing.Redis;

namespace Darter.Server.Tests.SharedCache;

/// <summary>Values in a real Redis, which is killed and frozen.</summary>
public sealed class RedisValuesTests
{
    private const int MaxValue = 12;

    [Fact]
    public async Task Values_InRedis_AreWhatTheyWouldBeInMemory()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node node = await Node.StartAsync(redis);
        Gen<(int, int, int)[]> steps = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 2], Gen.Int[-3, 1000]).Array[1, 30];
        await steps.SampleAsync(
            async steps =>
            {
                await node.Values.ClearAsync();
                MemoryValues memory = new(1_000_000, MaxValue, new HubClock());
                foreach ((int kind, int key, int number) in steps)
                {
                    Assert.Equal(await DoAsync(memory, kind, key, number), await DoAsync(node.Values, kind, key, number));
                }
            },
            iter: 60,
            threads: 1);
    }

    [Fact]
    public async Task Values_OfTwoServers_AreTheSame_AndCountingLosesNothing()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node a = await Node.StartAsync(redis);
        await using Node b = await Node.StartAsync(redis);
        Assert.Equal(StoreOutcome.Stored, await a.StoreAsync("n", "0"));
        CountStep step = new(1, IsDown: false, IsSigned: false);
        await Task.WhenAll(Enumerable.Range(0, 400).Select(async i => await (i % 2 == 0 ? a : b).Values.CountAsync("n"u8.ToArray(), step)));
        Assert.Equal(("400", "400"), (await a.GetAsync("n"), await b.GetAsync("n")));
        await b.Values.ClearAsync();
        Assert.Null(await a.GetAsync("n"));
    }

    [Fact]
    public async Task Lifetime_IsRediss_AndClearingTakesNothingElse()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node node = await Node.StartAsync(redis);
        await redis.AskAsync("SET other 1");
        await node.StoreAsync("a", "1", new Lifetime(60_000));
        await node.StoreAsync("b", "1");
        await node.StoreAsync("c", "1", new Lifetime(0));
        Assert.InRange(long.Parse((await redis.AskAsync("PTTL darter:values:a"))[1..], CultureInfo.InvariantCulture), 1, 60_000);
        Assert.Equal((":-1", ":-2"), (await redis.AskAsync("PTTL darter:values:b"), await redis.AskAsync("PTTL darter:values:c")));
        Assert.True(await node.Values.TouchAsync("a"u8.ToArray(), Lifetime.Endless));
        Assert.Equal(":-1", await redis.AskAsync("PTTL darter:values:a"));
        await node.Values.GetAsync(["a"u8.ToArray()], new Lifetime(0));
        Assert.Null(await node.GetAsync("a"));
        await node.Values.ClearAsync();
        Assert.Equal((":0", ":1"), (await redis.AskAsync("EXISTS darter:values:b"), await redis.AskAsync("EXISTS other")));
    }

    [Fact]
    public async Task Redis_KilledAndStarted_CostsValuesButNoErrors()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node node = await Node.StartAsync(redis);
        await node.StoreAsync("a", "1");
        redis.Kill();
        await Wait.Until(() => !node.Link.IsConnected, "the loss to be noticed");
        await AssertAwayAsync(node);
        await Wait.Until(() => node.Log.Lines.Any(line => line.Contains("is away", StringComparison.Ordinal)), "the line of the log");

        await redis.StartAgainAsync();
        await Wait.Until(() => node.Link.IsConnected, "the connection");
        Assert.Equal((StoreOutcome.Stored, "2"), (await node.StoreAsync("a", "2"), await node.GetAsync("a")));
        Assert.Single(node.Log.Lines, line => line.Contains("is away", StringComparison.Ordinal));
        Assert.EndsWith("/0: connected", node.Values.Report().Backend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_ThatAnswersNothing_IsWaitedForOnce()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node node = await Node.StartAsync(redis);
        await node.StoreAsync("a", "1");
        redis.Freeze();
        Assert.Null(await Wait.For(node.GetAsync("a"), "a miss"));
        await AssertAwayAsync(node);
        redis.Thaw();
        await Wait.Until(() => node.Link.IsConnected, "the connection");
        Assert.Equal("1", await node.GetAsync("a"));
    }

    [Fact]
    public async Task Redis_ThatRefuses_IsAMiss_AndALineOfTheLog()
    {
        await using RedisServer redis = await StartRedisAsync();
        await using Node node = await Node.StartAsync(redis);
        await redis.AskAsync("SET darter:values:a text");
        Assert.Null(await node.GetAsync("a"));
        Assert.Null(await node.GetAsync("a"));
        Assert.True(node.Link.IsConnected);
        Assert.Single(node.Log.Lines, line => line.Contains("does not do what it is asked: WRONGTYPE", StringComparison.Ordinal));
    }

    private static async Task AssertAwayAsync(Node node)
    {
        byte[] key = "a"u8.ToArray();
        Assert.Null(await node.GetAsync("a"));
        Assert.Equal(StoreOutcome.NotStored, await node.StoreAsync("a", "2"));
        Assert.Equal(CountOutcome.NotFound, (await node.Values.CountAsync(key, new CountStep(1, IsDown: false, IsSigned: true))).Outcome);
        Assert.False(await node.Values.DeleteAsync(key));
        Assert.False(await node.Values.TouchAsync(key, Lifetime.Endless));
        await node.Values.ClearAsync();
    }

    /// <summary>Does one of the things that can be done, and says what has come of it.</summary>
    private static async Task<string> DoAsync(IValueStore store, int kind, int number, int argument)
    {
        byte[] key = Encoding.ASCII.GetBytes($"key{number}");
        byte[] data = Encoding.ASCII.GetBytes(argument.ToString(CultureInfo.InvariantCulture));
        StoredValue? there = (await store.GetAsync([key], null))[0];
        object outcome = kind switch
        {
            0 => await store.DeleteAsync(key),
            1 => await store.TouchAsync(key, argument < 0 ? Lifetime.Endless : new Lifetime(1_000_000)),
            2 => await CountAsync(new CountStep((ulong)Math.Abs(argument), argument % 2 == 0, IsSigned: true)),
            3 => await CountAsync(new CountStep((ulong)Math.Abs(argument), argument % 2 == 0, IsSigned: false)),
            4 => await store.StoreAsync(key, new StoreOrder(StoreMode.CompareAndSwap, 7, data, Lifetime.Endless, argument % 2 == 0 ? there?.Unique ?? 0 : 99)),
            5 => await store.StoreAsync(key, new StoreOrder(StoreMode.Set, 9, new byte[MaxValue + (argument % 2 == 0 ? 1 : 0)], Lifetime.Endless)),
            _ => await store.StoreAsync(key, new StoreOrder((StoreMode)(kind - 6 == 0 ? (int)StoreMode.Set : kind - 5), (uint)kind, data, Lifetime.Endless)),
        };
        StoredValue? value = (await store.GetAsync([key], null))[0];
        return $"{kind} {outcome} {value?.Flags} {(value is null ? "-" : Convert.ToHexString(value.Data))}";

        async Task<object> CountAsync(CountStep step)
        {
            (CountOutcome result, byte[] text) = await store.CountAsync(key, step);
            return $"{result} {Encoding.ASCII.GetString(text)}";
        }
    }

    private static Task<RedisServer> StartRedisAsync()
    {
        Assert.SkipUnless(RedisServer.Missing is null, RedisServer.Missing ?? "");
        return RedisServer.StartAsync();
    }

    /// <summary>A server's values.</summary>
    private sealed class Node : IAsyncDisposable
    {
        private Node(string url)
        {
            Assert.True(RedisAddress.TryParse(url, out RedisAddress? address, out string? error), error);
            Link = new RedisLink(address, TimeProvider.System, new TypedLogger<RedisLink>(Log));
            Values = new RedisValues(Link, MaxValue);
        }

        internal CollectingLogger Log { get; } = new();

        internal RedisLink Link { get; }

        internal RedisValues Values { get; }

        public ValueTask DisposeAsync() => Link.DisposeAsync();

        internal static async Task<Node> StartAsync(RedisServer redis)
        {
            Node node = new(redis.Url);
            node.Link.Start();
            await Wait.Until(() => node.Link.IsConnected, "the connection");
            return node;
        }

        internal async Task<StoreOutcome> StoreAsync(string key, string text, Lifetime? lifetime = null) =>
            await Values.StoreAsync(Encoding.ASCII.GetBytes(key), new StoreOrder(StoreMode.Set, 0, Encoding.ASCII.GetBytes(text), lifetime ?? Lifetime.Endless));

        internal async Task<string?> GetAsync(string key) =>
            (await Values.GetAsync([Encoding.ASCII.GetBytes(key)], null))[0] is { } value ? Encoding.ASCII.GetString(value.Data) : null;
    }
}
