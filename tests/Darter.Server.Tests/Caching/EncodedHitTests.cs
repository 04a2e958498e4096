using System.IO.Compression;
using System.Text;
using Darter.Server.Caching;
using Darter.Server.Compression;
using Darter.Server.Configuration;
using Darter.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Tests.Caching;

/// <summary>Stored answers that are compressed, for clients that take it.</summary>
public class EncodedHitTests
{
    private const string Fresh = "max-age=60";
    private static readonly (string, string) s_text = ("Content-Type", "text/plain");
    private static readonly (string, string) s_tag = ("ETag", "\"1\"");
    private static readonly (string, string) s_gzip = ("Accept-Encoding", "gzip");
    private static readonly string s_page = string.Concat(Enumerable.Range(0, 500).Select(i => $"line {i}\n"));

    private readonly CacheHarness _cache = Create();

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task Hit_IsCompressedOnce_AndKept(int times)
    {
        string page = string.Concat(Enumerable.Repeat(s_page, times));
        _cache.Fill(page, Fresh, s_text, s_tag);
        long before = _cache.Cache.Store.Bytes;
        CacheAsk[] asks = [.. Enumerable.Range(0, 5).Select(_ => _cache.Get("/", s_gzip))];
        foreach (CacheAsk ask in asks)
        {
            await Wait.For(ask.Answered, "the answer");
            Assert.Equal(("gzip", "W/\"1\"", "Accept-Encoding", $"{ask.Bytes.Length}"), (ask.Response.ContentEncoding.ToString(), ask.Response.ETag.ToString(), ask.Response.Vary.ToString(), ask.Response.ContentLength.ToString()));
            Assert.Equal(page, Unzip(ask.Bytes));
            Assert.StartsWith("Darter; hit; ttl=", ask.CacheStatus, StringComparison.Ordinal);
        }

        long taken = _cache.Cache.Store.Bytes;
        Assert.InRange(taken - before, asks[0].Bytes.Length, asks[0].Bytes.Length + 4096);
        CacheAsk again = _cache.Get("/", s_gzip);
        Assert.True(again.Answered.IsCompletedSuccessfully);
        Assert.Equal((taken, 1), (_cache.Cache.Store.Bytes, _cache.Cache.Store.Count));

        CacheAsk plain = _cache.Get();
        Assert.Equal(("", "\"1\"", "Accept-Encoding", page), (plain.Response.ContentEncoding.ToString(), plain.Response.ETag.ToString(), plain.Response.Vary.ToString(), plain.Body));

        CacheAsk other = _cache.Get("/", ("Accept-Encoding", "br;q=1, gzip;q=0.5"));
        await Wait.For(other.Answered, "the answer");
        Assert.Equal("br", other.Response.ContentEncoding.ToString());
        _cache.Purge(CachePurge.All);
        Assert.Equal(0, _cache.Cache.Store.Bytes);
    }

    [Fact]
    public void Head_SaysWhatGetSays()
    {
        _cache.Fill(s_page, Fresh, s_text, s_tag);
        CacheAsk head = _cache.Ask("HEAD", "/", s_gzip);
        CacheAsk get = _cache.Get("/", s_gzip);
        Assert.Equal(get.Response.OrderBy(field => field.Key).Select(field => $"{field}"), head.Response.OrderBy(field => field.Key).Select(field => $"{field}"));
        Assert.Empty(head.Bytes);
    }

    [Theory]
    [InlineData("\"1\"")]
    [InlineData("W/\"1\"")]
    public void Condition_IsMet_AndTheTagIsThatOfTheForm(string tag)
    {
        _cache.Fill(s_page, Fresh, s_text, s_tag);
        CacheAsk ask = _cache.Get("/", s_gzip, ("If-None-Match", tag));
        Assert.Equal((304, "W/\"1\"", "Accept-Encoding", ""), (ask.Status, ask.Response.ETag.ToString(), ask.Response.Vary.ToString(), ask.Response.ContentEncoding.ToString()));
        Assert.Equal("\"1\"", _cache.Get("/", ("If-None-Match", tag)).Response.ETag.ToString());
    }

    [Theory]
    [InlineData(null, 206)]
    [InlineData("\"1\"", 206)]
    [InlineData("W/\"1\"", 200)]
    public void Range_IsOneOfTheBytesAsTheyAre(string? ifRange, int status)
    {
        _cache.Fill(s_page, Fresh, s_text, s_tag);
        CacheAsk ask = _cache.Get("/", [s_gzip, ("Range", "bytes=1-4"), .. ifRange is null ? ((string, string)[])[] : [("If-Range", ifRange)]]);
        Assert.Equal((status, "", "\"1\"", status == 206 ? "ine " : s_page), (ask.Status, ask.Response.ContentEncoding.ToString(), ask.Response.ETag.ToString(), ask.Body));
    }

    [Theory]
    [InlineData("Content-Type", "image/png")]
    [InlineData("Cache-Control", "no-transform")]
    [InlineData("Content-Encoding", "br")]
    [InlineData("Content-Digest", "sha-256=:x:")]
    public void Answer_ThatMustNotBe_IsNotCompressed(string name, string value)
    {
        _cache.Fill(s_page, Fresh, name == "Content-Type" ? [(name, value)] : [s_text, (name, value)]);
        CacheAsk ask = _cache.Get("/", s_gzip);
        Assert.Equal((s_page, 0), (ask.Body, ask.Response.Vary.Count));
    }

    [Fact]
    public void Bytes_ThatBecomeNoFewer_AreSentAsTheyAre()
    {
        CacheHarness cache = Create(config: new CompressionConfig { LeastSize = 1 });
        cache.Fill("ab", Fresh, s_text, s_tag);
        for (int i = 0; i < 2; i++)
        {
            CacheAsk ask = cache.Get("/", s_gzip);
            Assert.Equal(("ab", "", "\"1\"", "Accept-Encoding"), (ask.Body, ask.Response.ContentEncoding.ToString(), ask.Response.ETag.ToString(), ask.Response.Vary.ToString()));
        }
    }

    [Fact]
    public void Answer_ThatIsStillRight_IsCompressed_ForWhoAsked()
    {
        _cache.Fill(s_page, Fresh, s_text, s_tag);
        CacheAsk ask = _cache.Get("/", s_gzip, ("Cache-Control", "no-cache"));
        ask.Answer(304, "", ("Cache-Control", Fresh));
        Assert.Equal((200, "gzip", "W/\"1\""), (ask.Status, ask.Response.ContentEncoding.ToString(), ask.Response.ETag.ToString()));
        Assert.Equal(s_page, Unzip(ask.Bytes));
        Assert.Equal("\"1\"", _cache.Get().Response.ETag.ToString());
    }

    [Fact]
    public void Form_ThatIsThere_IsChosenWithoutAllocating()
    {
        _cache.Fill(s_page, Fresh, s_text, s_tag);
        Assert.True(_cache.Get("/", s_gzip).IsHit);
        HttpRequestFeature request = new() { Method = "GET", Protocol = "HTTP/1.1", Headers = new HeaderDictionary { ["Accept-Encoding"] = "gzip, deflate, br;q=0.5" } };
        RequestConditions conditions = new(request);
        CachedAnswer answer = Assert.Single(_cache.Cache.Store.Find("http://example.org/")!.Variants);
        AnswerEncoding encoding = _cache.Cache.Encoding!;
        CachedAnswer? form = encoding.Choose(answer, request, conditions, out _);
        Assert.NotSame(answer, form);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            form = encoding.Choose(answer, request, conditions, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotNull(form);
    }

    [Fact]
    public async Task Forms_NeverTakeMoreThanTheCacheMay()
    {
        const int Size = 100_000;
        CacheHarness cache = Create(Size);
        for (int i = 0; i < 60; i++)
        {
            CacheAsk fill = cache.Get($"/{i}");
            fill.Answer(200, string.Concat(Enumerable.Repeat(s_page, (i % 5) + 1)), ("Cache-Control", Fresh), s_text);
            foreach (string coding in (string[])["gzip", "br", "zstd"])
            {
                CacheAsk ask = cache.Get($"/{i}", ("Accept-Encoding", coding));
                await Wait.For(ask.Answered, "the answer");
                Assert.InRange(cache.Cache.Store.Bytes, 0, Size);
                if (ask.Asks)
                {
                    ask.Leave();
                }
            }
        }

        cache.Purge(CachePurge.All);
        Assert.Equal(0, cache.Cache.Store.Count);
    }

    private static CacheHarness Create(long size = 1024 * 1024, CompressionConfig? config = null)
    {
        CacheHarness harness = new(new CacheConfig { Size = size });
        harness.Cache.Encoding = new AnswerEncoding(new CompressionRules(config ?? new CompressionConfig()), harness.Cache.Store);
        return harness;
    }

    private static string Unzip(byte[] bytes)
    {
        using GZipStream stream = new(new MemoryStream(bytes), CompressionMode.Decompress);
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
