using Darter.Server.Caching;
using Darter.Server.Configuration;

namespace Darter.Server.Tests.Caching;

/// <summary>What a shared cache answers by itself, and what it asks the application for (RFC 9111).</summary>
public sealed class AnswerCacheTests
{
    private readonly CacheHarness _cache = new();

    [Fact]
    public void Hit_IsTheAnswerWithItsAge()
    {
        CacheAsk first = _cache.Fill("page", "max-age=60", ("ETag", "\"1\""), ("X-Own", "a"));
        Assert.Equal("Darter; fwd=uri-miss; stored", first.CacheStatus);
        _cache.Pass(10.5);
        CacheAsk hit = _cache.Get();
        Assert.True(hit.IsHit);
        Assert.Equal((200, "page", "10", "a", "Darter; hit; ttl=49"), (hit.Status, hit.Body, hit.Response.Age.ToString(), hit.Response["X-Own"].ToString(), hit.CacheStatus));
        Assert.Equal((4L, 1), (hit.Response.ContentLength, hit.Response.Date.Count));
    }

    [Fact]
    public void Head_IsAnsweredFromAGet_AndNotTheOtherWayRound()
    {
        CacheAsk head = _cache.Ask("HEAD");
        head.Answer(200, "", ("Cache-Control", "max-age=60"));
        Assert.True(_cache.Get().Asks);
        _cache.Get("/2").Answer(200, "page", ("Cache-Control", "max-age=60"));
        CacheAsk hit = _cache.Ask("HEAD", "/2");
        Assert.Equal((true, "", 4L), (hit.IsHit, hit.Body, hit.Response.ContentLength));
    }

    [Theory]
    [InlineData("/", "/?", false)]
    [InlineData("/?a=1", "/?a=2", false)]
    [InlineData("/a", "/A", false)]
    [InlineData("/a", "/a", true)]
    public void Key_IsTheTargetAsItIsSent(string stored, string asked, bool isHit)
    {
        _cache.Get(stored).Answer(200, "x", ("Cache-Control", "max-age=60"));
        Assert.Equal(isHit, _cache.Get(asked).IsHit);
    }

    [Fact]
    public void Host_IsPartOfTheKey_InAnyCase()
    {
        _cache.Fill("x", "max-age=60");
        CacheAsk other = _cache.Get("/", ("Host", "other"));
        Assert.True(other.Asks);
        Assert.True(new CacheAsk(_cache.Cache, _cache, "GET", "/").IsHit);
    }

    [Theory]
    [InlineData("X-Forwarded-Host", "evil.example")]
    [InlineData("X-Original-URL", "/admin")]
    public void FieldByWhichApplicationsLearnTheirAddress_SharesNothing(string name, string value)
    {
        _cache.Get("/", (name, value)).Answer(200, "poison", ("Cache-Control", "max-age=60"));
        CacheAsk other = _cache.Get();
        Assert.True(other.Asks);
        other.Answer(200, "good", ("Cache-Control", "max-age=60"));
        Assert.Equal("poison", _cache.Get("/", (name, value)).Body);
        Assert.Equal("good", _cache.Get().Body);
    }

    [Fact]
    public void Vary_TellsAnswersApart()
    {
        _cache.Get("/", ("Accept-Language", "de")).Answer(200, "Hallo", ("Cache-Control", "max-age=60"), ("Vary", "Accept-Language"));
        CacheAsk english = _cache.Get("/", ("Accept-Language", "en"));
        english.Answer(200, "Hello", ("Cache-Control", "max-age=60"), ("Vary", "accept-language, Accept-Encoding"));
        Assert.StartsWith("Darter; fwd=vary-miss", english.CacheStatus, StringComparison.Ordinal);
        Assert.Equal("Hello", _cache.Get("/", ("Accept-Language", "en")).Body);
        Assert.True(_cache.Get("/", ("Accept-Language", "en"), ("Accept-Encoding", "gzip")).Asks);
        Assert.True(_cache.Get().Asks);
    }

    [Theory]
    [InlineData("max-age=60", false)]
    [InlineData("public, max-age=60", true)]
    [InlineData("s-maxage=60", true)]
    [InlineData("must-revalidate, max-age=60", true)]
    public void Authorization_SharesWhatAllowsIt(string cacheControl, bool isShared)
    {
        (string, string) credentials = ("Authorization", "Basic YTpi");
        _cache.Get("/", credentials).Answer(200, "x", ("Cache-Control", cacheControl));
        Assert.Equal(isShared, _cache.Get("/", credentials).IsHit);
        Assert.Equal(isShared, _cache.Get().IsHit);

        // What was stored for others is not for somebody who says who he is, unless the answer says so.
        CacheHarness other = new();
        other.Fill("x", cacheControl);
        Assert.Equal(isShared, other.Get("/", credentials).IsHit);
    }

    [Fact]
    public void Ttl_IsForAnswersThatSayNothing_AndRequestsThatDoNotSayWho()
    {
        CacheHarness cache = new(new CacheConfig { Size = 1024 * 1024, Ttl = TimeSpan.FromSeconds(30) });
        cache.Get().Answer(200, "x");
        Assert.True(cache.Get().IsHit);
        Assert.True(cache.Get("/", ("Cookie", "session=1")).Asks);
        cache.Pass(31);
        Assert.True(cache.Get().Asks);

        cache.Get("/cookie", ("Cookie", "a=1")).Answer(200, "x");
        Assert.True(cache.Get("/cookie").Asks);
        cache.Get("/error").Answer(404, "x");
        Assert.True(cache.Get("/error").Asks);
        cache.Get("/private").Answer(200, "x", ("Cache-Control", "private"));
        Assert.True(cache.Get("/private").Asks);
    }

    [Fact]
    public void Cookies_OfTheRequest_DoNotMatterToWhatSaysHowLongItIsFresh()
    {
        _cache.Get("/", ("Cookie", "a=1")).Answer(200, "x", ("Cache-Control", "max-age=60"));
        Assert.True(_cache.Get("/", ("Cookie", "a=2")).IsHit);
    }

    [Theory]
    [InlineData("no-cache", false)]
    [InlineData("max-age=5", false)]
    [InlineData("max-age=15", true)]
    [InlineData("min-fresh=49", true)]
    [InlineData("min-fresh=51", false)]
    [InlineData("no-store", false)]
    public void Directives_OfTheRequest_AreHeeded(string directives, bool isHit)
    {
        _cache.Fill("x", "max-age=60");
        _cache.Pass(10);
        Assert.Equal(isHit, _cache.Get("/", ("Cache-Control", directives)).IsHit);
    }

    [Fact]
    public void Pragma_CountsWithoutCacheControl()
    {
        _cache.Fill("x", "max-age=60");
        Assert.True(_cache.Get("/", ("Pragma", "no-cache")).Asks);
        Assert.True(_cache.Get("/", ("Pragma", "no-cache"), ("Cache-Control", "max-age=100")).IsHit);
    }

    [Theory]
    [InlineData("max-age=10", "max-stale", true)]
    [InlineData("max-age=10", "max-stale=20", true)]
    [InlineData("max-age=10", "max-stale=4", false)]
    [InlineData("max-age=10, must-revalidate", "max-stale", false)]
    [InlineData("max-age=10, proxy-revalidate", "max-stale", false)]
    [InlineData("s-maxage=10", "max-stale", false)]
    public void MaxStale_IsHeeded_UnlessTheAnswerForbids(string cacheControl, string directives, bool isHit)
    {
        _cache.Fill("x", cacheControl);
        _cache.Pass(15);
        Assert.Equal(isHit, _cache.Get("/", ("Cache-Control", directives)).IsHit);
    }

    [Fact]
    public void NoStore_OfTheRequest_StoresNothing()
    {
        _cache.Get("/", ("Cache-Control", "no-store")).Answer(200, "x", ("Cache-Control", "max-age=60"));
        Assert.True(_cache.Get().Asks);
    }

    [Fact]
    public void OnlyIfCached_WithoutAnAnswer_Is504()
    {
        CacheAsk ask = _cache.Get("/", ("Cache-Control", "only-if-cached"));
        Assert.Equal((true, 504), (ask.IsHit, ask.Status));
    }

    [Theory]
    [InlineData("If-None-Match", "\"1\"", 304)]
    [InlineData("If-None-Match", "W/\"1\"", 304)]
    [InlineData("If-None-Match", "\"0\", \"1\"", 304)]
    [InlineData("If-None-Match", "*", 304)]
    [InlineData("If-None-Match", "\"2\"", 200)]
    [InlineData("If-Modified-Since", "Thu, 01 Jan 2026 00:00:00 GMT", 304)]
    [InlineData("If-Modified-Since", "Wed, 31 Dec 2025 23:59:59 GMT", 200)]
    [InlineData("If-Modified-Since", "yesterday", 200)]
    public void Conditions_AreAnsweredFromTheStore(string name, string value, int status)
    {
        _cache.Fill("page", "max-age=60", ("ETag", "\"1\""), ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"), ("Content-Type", "text/plain"));
        CacheAsk ask = _cache.Get("/", (name, value));
        Assert.Equal((true, status, status == 200 ? "page" : ""), (ask.IsHit, ask.Status, ask.Body));
        Assert.Equal(("\"1\"", status == 200), (ask.Response.ETag.ToString(), ask.Response.ContentType.Count > 0));
    }

    [Theory]
    [InlineData("bytes=1-2", null, 206, "ag", "bytes 1-2/4")]
    [InlineData("bytes=-1", null, 206, "e", "bytes 3-3/4")]
    [InlineData("bytes=4-", null, 416, "", "bytes */4")]
    [InlineData("bytes=0-0,2-2", null, 200, "page", "")]
    [InlineData("bytes=1-2", "\"1\"", 206, "ag", "bytes 1-2/4")]
    [InlineData("bytes=1-2", "\"2\"", 200, "page", "")]
    [InlineData("lines=1-2", null, 200, "page", "")]
    public void Range_IsCutFromTheStore(string range, string? ifRange, int status, string body, string contentRange)
    {
        _cache.Fill("page", "max-age=60", ("ETag", "\"1\""));
        CacheAsk ask = _cache.Get("/", ifRange is null ? [("Range", range)] : [("Range", range), ("If-Range", ifRange)]);
        Assert.Equal((true, status, body, contentRange), (ask.IsHit, ask.Status, ask.Body, ask.Response.ContentRange.ToString()));
        Assert.Equal(body.Length, ask.Response.ContentLength);
    }

    [Fact]
    public void Range_ThatIsNotInTheStore_GoesToTheApplicationAsItIs()
    {
        CacheAsk ask = _cache.Get("/", ("Range", "bytes=1-2"));
        Assert.Equal("bytes=1-2", ask.Request.Range.ToString());
        ask.Answer(206, "ag", ("Cache-Control", "max-age=60"), ("Content-Range", "bytes 1-2/4"));
        Assert.True(_cache.Get().Asks);
    }

    [Fact]
    public void Condition_ThatOnlyTheApplicationCanJudge_GoesThere()
    {
        _cache.Fill("page", "max-age=60", ("ETag", "\"1\""));
        Assert.True(_cache.Get("/", ("If-Match", "\"1\"")).Asks);
    }

    [Fact]
    public void Change_InvalidatesTheTarget_AndWhatTheAnswerNames()
    {
        foreach (string target in (string[])["/", "/a", "/b?c", "/d"])
        {
            _cache.Get(target).Answer(200, "x", ("Cache-Control", "max-age=60"));
        }

        _cache.Ask("POST").Change(("Location", "/a"), ("Content-Location", "http://EXAMPLE.org/b?c"));
        Assert.Equal([true, true, true, false], ((string[])["/", "/a", "/b?c", "/d"]).Select(target => _cache.Get(target).Asks));
        _cache.Ask("POST", "/elsewhere").Change(("Location", "http://other.example/d"));
        Assert.True(_cache.Get("/d").IsHit);
    }

    [Fact]
    public void Change_WhileAnAnswerIsUnderWay_KeepsItOutOfTheStore()
    {
        CacheAsk old = _cache.Get();
        _cache.Ask("PUT").Change();
        old.Answer(200, "old", ("Cache-Control", "max-age=60"));
        Assert.True(_cache.Get().Asks);
    }

    [Fact]
    public void Purge_RemovesWhatItNames()
    {
        (string Target, string Tags)[] pages = [("/", "home"), ("/news?p=1", "news a"), ("/news/2", "news,b"), ("/newspaper", "")];
        foreach ((string target, string tags) in pages)
        {
            CacheAsk ask = _cache.Get(target);
            ask.Answer(200, "x", ("Cache-Control", "max-age=60"), ("Surrogate-Key", tags));
            Assert.False(ask.Response.ContainsKey("Surrogate-Key"));
        }

        Assert.Equal(1, _cache.Purge(AnswerCache.PurgeOfUrl("http://Example.org/news?p=1")));
        Assert.Equal(0, _cache.Purge(AnswerCache.PurgeOfUrl("/news")));
        Assert.Equal(1, _cache.Purge(new CachePurge(PurgeKind.Tag, "b")));
        Assert.Equal(1, _cache.Purge(AnswerCache.PurgeOfPrefix("/news")));
        Assert.Null(AnswerCache.PurgeOfUrl("news"));
        Assert.True(_cache.Get("/").IsHit);
        CacheAsk old = _cache.Get("/news/2");
        Assert.Equal(1, _cache.Purge(AnswerCache.PurgeOfPrefix("http://example.org/")));
        old.Answer(200, "old", ("Cache-Control", "max-age=60"));
        Assert.Equal(0, _cache.Purge(CachePurge.All));
    }
}
