using System.Globalization;
using CsCheck;
using Darter.Server.Caching;
using Darter.Server.Configuration;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Tests.Caching;

/// <summary>Cache-Control, and how long an answer may be used by it.</summary>
public sealed class FreshnessTests
{
    [Theory]
    [InlineData("max-age=60", 60)]
    [InlineData("MAX-AGE = 60", 60)]
    [InlineData("max-age=\"60\"", 60)]
    [InlineData("foo=\"a, max-age=1\", max-age=60", 60)]
    [InlineData("max-age=60, max-age=30", 30)]
    [InlineData("max-age=99999999999999999999", int.MaxValue)]
    [InlineData("max-age=-1", 0)]
    [InlineData("max-age=x", 0)]
    [InlineData("max-age", 0)]
    [InlineData("max-agee=5", -1)]
    public void MaxAge_IsRead(string text, long expected) => Assert.Equal(expected, CacheDirectives.Parse(text).MaxAge);

    [Fact]
    public void Parse_OfAnything_GivesNumbersInRange() =>
        Gen.Char["max-ge=s, \"\\0123456789noprivtuce\t"].Array[0, 60].Select(characters => new string(characters)).Array[0, 3].Sample(lines =>
        {
            CacheDirectives directives = CacheDirectives.Parse(new StringValues(lines));
            Assert.InRange(directives.MaxAge, -1, int.MaxValue);
            Assert.InRange(directives.MaxStale, -1, int.MaxValue);
        });

    /// <summary>Against a model in seconds: fresh while its age, that which it says it had included, is below its lifetime.</summary>
    [Fact]
    public void Answer_IsServedExactlyAsLongAsTheModelSays() =>
        Gen.Select(
            Gen.Int[-1, 100], Gen.Int[-1, 100], Gen.Int[-1, 100], Gen.Int[-1, 50], Gen.Int[-1, 100], Gen.Int[-1, 100], Gen.Int[0, 250])
        .Sample((maxAge, shared, expires, age, whileRevalidate, ttl, passed) =>
        {
            CacheHarness cache = new(new CacheConfig { Size = 1024 * 1024, Ttl = TimeSpan.FromSeconds(Math.Max(ttl, 0)) });
            List<string> directives = [];
            Add(directives, "max-age", maxAge);
            Add(directives, "s-maxage", shared);
            Add(directives, "stale-while-revalidate", whileRevalidate);
            List<(string, string)> fields = [("Cache-Control", string.Join(", ", directives))];
            if (age >= 0)
            {
                fields.Add(("Age", age.ToString(CultureInfo.InvariantCulture)));
            }

            if (expires >= 0)
            {
                fields.Add(("Expires", (cache.Now + TimeSpan.FromSeconds(expires)).ToString("R", CultureInfo.InvariantCulture)));
            }

            cache.Get().Answer(200, "x", [.. fields]);
            cache.Pass(passed);

            int lifetime = shared >= 0 ? shared : maxAge >= 0 ? maxAge : expires >= 0 ? expires : ttl > 0 ? ttl : -1;
            int then = Math.Max(age, 0);
            int swr = Math.Max(whileRevalidate, 0);
            bool isStored = lifetime >= 0 && then < lifetime + swr;
            bool isFresh = isStored && then + passed < lifetime;
            bool isServed = isFresh || (isStored && then + passed < lifetime + swr);

            CacheAsk ask = cache.Get();
            Assert.Equal(isServed, ask.IsHit);
            Assert.Equal(isServed && !isFresh ? 1 : 0, cache.Refreshes.Count);
            Assert.Equal(isServed ? $"{then + passed}" : "", ask.Response.Age.ToString());
        });

    [Theory]
    [InlineData(200, "max-age=60", true)]
    [InlineData(404, "max-age=60", true)]
    [InlineData(503, "max-age=60", true)]
    [InlineData(206, "max-age=60", false)]
    [InlineData(416, "max-age=60", false)]
    [InlineData(200, "max-age=60, no-store", false)]
    [InlineData(200, "max-age=60, no-cache", false)]
    [InlineData(200, "max-age=60, no-cache=\"x-own\"", false)]
    [InlineData(200, "max-age=60, private", false)]
    [InlineData(200, "max-age=60, no-store, must-understand", true)]
    [InlineData(299, "max-age=60, must-understand", false)]
    [InlineData(200, "max-age=0", false)]
    [InlineData(200, "public", false)]
    public void Answer_IsStoredIfItMayBe(int status, string cacheControl, bool isStored) => AssertStored(isStored, status, ("Cache-Control", cacheControl));

    [Theory]
    [InlineData("Vary", "*", "max-age=60", false)]
    [InlineData("Vary", "Accept, *", "max-age=60", false)]
    [InlineData("Set-Cookie", "a=1", "max-age=60", false)]
    [InlineData("Set-Cookie", "a=1", "public, max-age=60", true)]
    [InlineData("Content-Type", "text/event-stream", "max-age=60", false)]
    [InlineData("Trailer", "X-Sum", "max-age=60", false)]
    [InlineData("Expires", "0", "public", false)]
    [InlineData("Age", "61", "max-age=60", false)]
    public void Answer_WithAField_IsStoredIfItMayBe(string name, string value, string cacheControl, bool isStored) =>
        AssertStored(isStored, 200, ("Cache-Control", cacheControl), (name, value));

    [Fact]
    public void Date_OfTheAnswer_CountsForItsAge()
    {
        CacheHarness cache = new();
        string date = (cache.Now - TimeSpan.FromSeconds(20)).ToString("R", CultureInfo.InvariantCulture);
        cache.Fill("x", "max-age=60", ("Date", date));
        CacheAsk hit = cache.Get();
        Assert.Equal(("20", date), (hit.Response.Age.ToString(), hit.Response.Date.ToString()));
    }

    private static void AssertStored(bool isStored, int status, params (string Name, string Value)[] fields)
    {
        CacheHarness cache = new();
        cache.Get().Answer(status, "x", fields);
        Assert.Equal(isStored, cache.Get().IsHit);
    }

    private static void Add(List<string> directives, string name, int seconds)
    {
        if (seconds >= 0)
        {
            directives.Add($"{name}={seconds}");
        }
    }
}
