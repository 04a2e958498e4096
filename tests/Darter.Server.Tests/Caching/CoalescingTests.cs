using Darter.Server.Configuration;

namespace Darter.Server.Tests.Caching;

/// <summary>Many requests for what is not there: one asks, the others wait.</summary>
public sealed class CoalescingTests
{
    private readonly CacheHarness _cache = new();

    [Fact]
    public void Misses_OfOneKey_AskOnce()
    {
        CacheAsk first = _cache.Get();
        CacheAsk[] others = [.. Enumerable.Range(0, 1000).Select(_ => _cache.Get())];
        Assert.True(first.Asks);
        Assert.All(others, other => Assert.True(other.Waits));
        Assert.True(_cache.Get("/other").Asks);
        first.Answer(200, "page", ("Cache-Control", "max-age=60"));
        foreach (CacheAsk other in others)
        {
            other.Look();
            Assert.Equal((true, "page", "Darter; fwd=uri-miss; collapsed"), (other.IsHit, other.Body, other.CacheStatus));
        }

        Assert.Equal((2L, 1000L), (_cache.Cache.Totals.Misses, _cache.Cache.Totals.Collapsed));
    }

    [Fact]
    public void AnswerThatIsNotKept_SendsEachToTheApplication_AndTheNextDoNotWait()
    {
        CacheAsk first = _cache.Get();
        CacheAsk second = _cache.Get();
        first.Answer(200, "mine", ("Cache-Control", "private"));
        second.Look();
        Assert.True(second.Asks);
        Assert.Equal([true, true], Enumerable.Range(0, 2).Select(_ => _cache.Get().Asks));

        // Until one of them is kept.
        _cache.Get().Answer(200, "page", ("Cache-Control", "max-age=1"));
        _cache.Pass(2);
        Assert.True(_cache.Get().Asks);
        Assert.True(_cache.Get().Waits);
    }

    [Fact]
    public void Mark_OfWhatIsNotKept_IsForgottenAfterAWhile()
    {
        _cache.Get().Answer(200, "mine", ("Cache-Control", "private"));
        _cache.Pass(121);
        Assert.True(_cache.Get().Asks);
        Assert.True(_cache.Get().Waits);
    }

    [Fact]
    public void FirstClient_ThatLeaves_IsReplacedByAnother()
    {
        CacheAsk first = _cache.Get();
        CacheAsk second = _cache.Get();
        CacheAsk third = _cache.Get();
        first.Begin(200, ("Cache-Control", "max-age=60"), ("Content-Length", "4"));
        first.Write("pa");
        first.Leave(clientLeft: true);
        second.Look();
        third.Look();
        Assert.Equal((true, true), (second.Asks, third.Waits));
        second.Answer(200, "page", ("Cache-Control", "max-age=60"));
        third.Look();
        Assert.Equal("page", third.Body);
    }

    [Fact]
    public void Failure_SendsEachToTheApplication_UnlessSomethingStaleWillDo()
    {
        CacheAsk first = _cache.Get();
        CacheAsk second = _cache.Get();
        Assert.False(first.Fail());
        second.Look();
        Assert.True(second.Asks);
        second.Answer(200, "old", ("Cache-Control", "max-age=10, stale-if-error=60"));

        _cache.Pass(11);
        CacheAsk third = _cache.Get();
        CacheAsk fourth = _cache.Get();
        third.Answer(500, "down");
        fourth.Look();
        Assert.Equal(("old", "old"), (third.Body, fourth.Body));
        Assert.True(_cache.Get().Asks);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AnswerThatIsTooLong_IsNotWaitedFor(bool saysItsLength)
    {
        CacheHarness cache = new(new CacheConfig { Size = 1024 * 1024, MaxObject = 10 });
        CacheAsk first = cache.Get();
        CacheAsk second = cache.Get();
        first.Begin(200, saysItsLength ? [("Cache-Control", "max-age=60"), ("Content-Length", "11")] : [("Cache-Control", "max-age=60")]);
        first.Write("0123456789");
        Assert.Equal(!saysItsLength, second.Waits);
        first.Write("0");
        Assert.False(second.Waits);
        second.Look();
        Assert.True(second.Asks);
        first.End();
        Assert.Equal((0, 0L), (cache.Cache.Store.Count, cache.Cache.Store.Bytes));
    }

    [Fact]
    public void AnswerThatIsShorterThanItSays_IsNotKept()
    {
        CacheAsk first = _cache.Get();
        first.Begin(200, ("Cache-Control", "max-age=60"), ("Content-Length", "11"));
        first.Write("0123456789");
        first.End();
        Assert.Equal((0, 0L), (_cache.Cache.Store.Count, _cache.Cache.Store.Bytes));
    }

    [Fact]
    public void RequestsOfDifferentKinds_DoNotWaitForEachOther()
    {
        Assert.True(_cache.Get().Asks);
        Assert.True(_cache.Get("/", ("Cookie", "a=1")).Asks);
        Assert.True(_cache.Get("/", ("Authorization", "Basic YTpi")).Asks);
        Assert.True(_cache.Get("/", ("If-None-Match", "\"1\"")).Asks);
        Assert.True(_cache.Get("/", ("Cookie", "a=2")).Waits);
    }

    [Fact]
    public void AnswersThatVary_AreWaitedForByThoseTheyAreFor()
    {
        CacheAsk german = _cache.Get("/", ("Accept-Language", "de"));
        CacheAsk english = _cache.Get("/", ("Accept-Language", "en"));
        CacheAsk other = _cache.Get("/", ("Accept-Language", "de"));
        german.Answer(200, "Hallo", ("Cache-Control", "max-age=60"), ("Vary", "Accept-Language"));
        english.Look();
        other.Look();
        Assert.Equal((true, "Hallo"), (english.Asks, other.Body));
        Assert.True(_cache.Get("/", ("Accept-Language", "fr")).Asks);
    }
}
