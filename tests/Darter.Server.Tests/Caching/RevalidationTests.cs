using Darter.Server.Caching;
namespace Darter.Server.Tests.Caching;

/// <summary>Asking the application whether what is stored is still right, and what is stale.</summary>
public sealed class RevalidationTests
{
    private const string Modified = "Thu, 01 Jan 2026 00:00:00 GMT";

    private readonly CacheHarness _cache = new();

    [Fact]
    public void Stale_IsAskedFor_And304MakesItFreshAgain()
    {
        _cache.Fill("page", "max-age=10", ("ETag", "\"1\""), ("Last-Modified", Modified), ("X-Own", "old"), ("Content-Type", "text/plain"), ("Cache-Tag", "t"));
        _cache.Pass(11);
        CacheAsk stale = _cache.Get("/", ("If-None-Match", "\"0\""));
        Assert.Equal(("\"1\"", Modified), (stale.Request.IfNoneMatch.ToString(), stale.Request.IfModifiedSince.ToString()));
        stale.Answer(304, "", ("Cache-Control", "max-age=20"), ("ETag", "\"1\""), ("X-Own", "new"), ("Content-Type", "text/html"));
        Assert.Equal((200, "page", "Darter; fwd=stale; fwd-status=304; stored", "0"), (stale.Status, stale.Body, stale.CacheStatus, stale.Response.Age.ToString()));

        _cache.Pass(15);
        CacheAsk hit = _cache.Get();
        Assert.Equal(
            (true, "page", "new", "text/plain", "15"),
            (hit.IsHit, hit.Body, hit.Response["X-Own"].ToString(), hit.Response.ContentType.ToString(), hit.Response.Age.ToString()));
        Assert.Equal(1, _cache.Purge(new CachePurge(PurgeKind.Tag, "t")));
    }

    [Fact]
    public void Stale_ThatTheClientHas_Is304AfterThe304()
    {
        _cache.Fill("page", "max-age=10", ("ETag", "\"1\""));
        _cache.Pass(11);
        CacheAsk stale = _cache.Get("/", ("If-None-Match", "\"1\""));
        stale.Answer(304, "", ("Cache-Control", "max-age=20"));
        Assert.Equal((304, ""), (stale.Status, stale.Body));
        Assert.True(_cache.Get().IsHit);
    }

    [Fact]
    public void Stale_ThatHasChanged_IsReplaced()
    {
        _cache.Fill("old", "max-age=10", ("ETag", "\"1\""));
        _cache.Pass(11);
        CacheAsk stale = _cache.Get();
        stale.Answer(200, "new", ("Cache-Control", "max-age=10"), ("ETag", "\"2\""));
        Assert.Equal(("new", "Darter; fwd=stale; fwd-status=200; stored"), (stale.Body, stale.CacheStatus));
        Assert.Equal("new", _cache.Get().Body);
    }

    [Theory]
    [InlineData(200, "private", true)]
    [InlineData(404, "no-store", true)]
    [InlineData(304, "no-store", true)]
    [InlineData(500, "no-store", false)]
    public void Stale_WithAnAnswerThatIsNotKept_GoesUnlessItIsAnError(int status, string cacheControl, bool isGone)
    {
        _cache.Fill("page", "max-age=10", ("ETag", "\"1\""));
        _cache.Pass(11);
        CacheAsk stale = _cache.Get();
        stale.Answer(status, "", ("Cache-Control", cacheControl));
        Assert.Equal(status == 304 ? 200 : status, stale.Status);
        Assert.Equal(!isGone, _cache.Get("/", ("Cache-Control", "max-stale")).IsHit);
    }

    [Fact]
    public void Stale_WithoutValidator_IsAskedForAnew()
    {
        _cache.Fill("old", "max-age=10");
        _cache.Pass(11);
        CacheAsk stale = _cache.Get();
        Assert.Equal((0, 0), (stale.Request.IfNoneMatch.Count, stale.Request.IfModifiedSince.Count));
    }

    [Fact]
    public void NoCache_OfTheRequest_AsksWhetherItIsStillRight()
    {
        _cache.Fill("page", "max-age=60", ("ETag", "\"1\""));
        CacheAsk ask = _cache.Get("/", ("Cache-Control", "no-cache"));
        Assert.Equal("\"1\"", ask.Request.IfNoneMatch.ToString());
        ask.Answer(304, "", ("Cache-Control", "max-age=60"));
        Assert.Equal((200, "page"), (ask.Status, ask.Body));
    }

    [Fact]
    public void StaleWhileRevalidate_ServesTheOldAnswer_AndAsksOnce()
    {
        _cache.Fill("old", "s-maxage=10, stale-while-revalidate=30", ("ETag", "\"1\""));
        _cache.Pass(15);
        CacheAsk first = _cache.Get("/", ("If-None-Match", "\"0\""));
        Assert.Equal((true, "old", "Darter; hit; ttl=-5"), (first.IsHit, first.Body, first.CacheStatus));
        Assert.True(_cache.Get().IsHit);
        CacheAsk refresh = Assert.Single(_cache.Refreshes);
        Assert.Equal("\"1\"", refresh.Request.IfNoneMatch.ToString());
        refresh.Answer(200, "new", ("Cache-Control", "s-maxage=10, stale-while-revalidate=30"));
        Assert.Equal("new", _cache.Get().Body);

        _cache.Pass(41);
        Assert.True(_cache.Get().Asks);
    }

    [Fact]
    public void StaleWhileRevalidate_IsNotForMustRevalidate_NorForThoseWhoWantItFresh()
    {
        _cache.Fill("old", "max-age=10, stale-while-revalidate=30, must-revalidate");
        _cache.Pass(15);
        Assert.True(_cache.Get().Asks);

        CacheHarness other = new();
        other.Fill("old", "max-age=10, stale-while-revalidate=30");
        other.Pass(15);
        Assert.False(other.Get("/", ("Cache-Control", "no-cache")).IsHit);
        Assert.False(other.Get("/", ("Cache-Control", "max-age=20")).IsHit);
        Assert.True(other.Get().IsHit);
    }

    [Theory]
    [InlineData("max-age=10, stale-if-error=30", "", true)]
    [InlineData("max-age=10", "", false)]
    [InlineData("max-age=10", "stale-if-error=30", true)]
    [InlineData("max-age=10, must-revalidate, stale-if-error=30", "", false)]
    [InlineData("max-age=10, stale-if-error=4", "", false)]
    public void StaleIfError_IsServedInThePlaceOfAnError(string cacheControl, string directives, bool isServed)
    {
        _cache.Fill("old", cacheControl);
        _cache.Pass(15);
        CacheAsk ask = _cache.Get("/", ("Cache-Control", directives));
        ask.Answer(503, "down", ("X-Error", "1"));
        Assert.Equal(isServed ? (200, "old", false) : (503, "down", true), (ask.Status, ask.Body, ask.Response.ContainsKey("X-Error")));

        Assert.Equal(isServed, _cache.Get("/", ("Cache-Control", directives)).Fail());
    }
}
