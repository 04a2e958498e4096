using CsCheck;
using Darter.Server.Caching;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Tests.Caching;

/// <summary>The bound of the store, and what is in it.</summary>
public sealed class AnswerStoreTests
{
    private const long Limit = 40_000;

    private static readonly RequestFields s_noFields = new(new HeaderDictionary());

    private enum Operation
    {
        Put,
        Find,
        Remove,
        Reserve,
        Release,
    }

    /// <summary>
    /// Against a model: a table of what was put last under each key. What is found is what was put last; what was put just now
    /// is found; what takes memory is what can be found; and it is never more than the limit.
    /// </summary>
    [Fact]
    public void Store_AfterAnyOperations_IsBoundedAndTrue() =>
        Gen.Select(Gen.Enum<Operation>(), Gen.Int[0, 30], Gen.Int[0, 6000]).Array[1, 300].Sample(operations =>
        {
            AnswerStore store = new(Limit);
            Dictionary<string, CachedAnswer> model = [];
            Stack<long> reserved = [];
            foreach ((Operation operation, int number, int size) in operations)
            {
                string key = $"http://h/{number}";
                switch (operation)
                {
                    case Operation.Put:
                        CachedAnswer answer = Answer(size);
                        bool isStored = store.Put(key, [], s_noFields, answer);
                        Assert.Equal(answer.SizeOf(key.Length) + reserved.Sum() <= Limit, isStored);
                        model.Remove(key);
                        if (isStored)
                        {
                            model[key] = answer;
                            Assert.Same(answer, Find(store, key));
                        }

                        break;
                    case Operation.Find:
                        CachedAnswer? found = Find(store, key);
                        found?.Touch();
                        Assert.True(found is null || found == model[key]);
                        break;
                    case Operation.Remove:
                        Assert.Equal(Find(store, key) is null ? 0 : 1, store.Remove(key));
                        model.Remove(key);
                        break;
                    case Operation.Reserve when store.TryReserve(size):
                        reserved.Push(size);
                        Assert.True(reserved.Sum() <= Limit / 2);
                        break;
                    case Operation.Release when reserved.TryPop(out long bytes):
                        store.Release(bytes);
                        break;
                }

                CachedAnswer[] present = [.. model.Where(pair => Find(store, pair.Key) == pair.Value).Select(pair => pair.Value)];
                Assert.Equal(present.Length, store.Count);
                long answers = present.Sum(one => one.Size);
                Assert.InRange(store.Bytes, answers + reserved.Sum(), Limit);
                Assert.True(store.Bytes - answers - reserved.Sum() <= EvictionQueues.GhostSize * Math.Max(present.Length, 1));
            }
        });

    [Fact]
    public void Put_OfManyThatAreUsedOnce_LeavesThoseThatAreUsedOften()
    {
        AnswerStore store = new(Limit);
        for (int i = 0; i < 5; i++)
        {
            store.Put($"http://h/often/{i}", [], s_noFields, Answer(1000));
        }

        for (int i = 0; i < 1000; i++)
        {
            store.Put($"http://h/once/{i}", [], s_noFields, Answer(1000));
            for (int j = 0; j < 5; j++)
            {
                Find(store, $"http://h/often/{j}")?.Touch();
            }
        }

        Assert.All(Enumerable.Range(0, 5), i => Assert.NotNull(Find(store, $"http://h/often/{i}")));
        Assert.True(store.Evictions > 900);
    }

    [Fact]
    public void Put_OfMoreVariantsThanATargetMayHave_DropsTheOldest()
    {
        AnswerStore store = new(10_000_000);
        for (int i = 0; i <= CacheResource.MostVariants; i++)
        {
            store.Put("http://h/", ["User-Agent"], new RequestFields(new HeaderDictionary { ["User-Agent"] = $"{i}" }), Answer(10));
        }

        Assert.Equal(CacheResource.MostVariants, store.Count);
        Assert.Null(store.Find("http://h/")!.Find(new RequestFields(new HeaderDictionary { ["User-Agent"] = "0" })));
        Assert.NotNull(store.Find("http://h/")!.Find(new RequestFields(new HeaderDictionary { ["User-Agent"] = "1" })));
        Assert.Equal(CacheResource.MostVariants, store.Remove("http://h/"));
        Assert.Equal(0, store.Bytes);
    }

    /// <summary>Readers take no lock: whatever others do, what they find is whole and was put under its key.</summary>
    [Fact]
    public void Find_WhileOthersPutAndRemove_FindsWhatBelongsToTheKey()
    {
        AnswerStore store = new(Limit);
        Parallel.For(0, 4, worker =>
        {
            Random random = new(worker);
            for (int i = 0; i < 5000; i++)
            {
                int number = random.Next(20);
                string key = $"http://h/{number}";
                switch (random.Next(4))
                {
                    case 0:
                        store.Put(key, [], s_noFields, Answer(100 + number));
                        break;
                    case 1:
                        store.Remove(key);
                        break;
                    default:
                        Assert.True(Find(store, key) is not { } answer || answer.Length == 100 + number);
                        break;
                }
            }
        });
        Assert.InRange(store.Bytes, 0, Limit);
        store.RemoveWhere(_ => true);
        Assert.Equal(0, store.Count);
    }

    private static CachedAnswer? Find(AnswerStore store, string key) => store.Find(key)?.Find(s_noFields);

    private static CachedAnswer Answer(int length) => new()
    {
        Status = 200,
        Fields = [],
        Body = [new byte[length]],
        Length = length,
        Audience = CacheAudience.Cookies,
        Freshness = new Freshness { ReceivedAt = 0, Lifetime = 1000 },
    };
}
