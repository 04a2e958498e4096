using Darter.Server.Compression;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Tests.Compression;

/// <summary>Which answers are compressed, and in which coding.</summary>
public sealed class CompressionRulesTests
{
    [Theory]
    [InlineData("gzip, deflate, br, zstd", "br,zstd,gzip", "Brotli")]
    [InlineData("gzip, deflate, br, zstd", "gzip,br", "Gzip")]
    [InlineData("gzip;q=1, br;q=0.5", "br,gzip", "Gzip")]
    [InlineData("br;q=1, gzip;q=0.5", "gzip", "Gzip")]
    [InlineData("br", "gzip,zstd", "None")]
    [InlineData("*;q=0.1", "zstd", "Zstandard")]
    [InlineData("identity", "gzip", "None")]
    public void Preferred_OfTheClientsWeights_IsTheServersFirst(string accept, string codings, string coding) =>
        Assert.Equal(coding, CompressionRules.Preferred(new CompressionConfig { Codings = [.. codings.Split(',').Select(Coding)] }, accept).ToString());

    [Theory]
    [InlineData("", "", true)]
    [InlineData("content-type: text/html; charset=utf-8", "", true)]
    [InlineData("content-type: image/svg+xml", "", true)]
    [InlineData("content-type: APPLICATION/JSON", "", true)]
    [InlineData("content-type: application/problem+json", "", true)]
    [InlineData("cache-control: no-transformer, private", "", true)]
    [InlineData("status: 404", "", true)]
    [InlineData("content-type: image/png", "", false)]
    [InlineData("content-type: text/event-stream", "", false)]
    [InlineData("content-type:", "", false)]
    [InlineData("content-encoding: gzip", "", false)]
    [InlineData("content-encoding: identity", "", false)]
    [InlineData("content-range: bytes 0-1/2", "", false)]
    [InlineData("cache-control: private, No-Transform", "", false)]
    [InlineData("content-digest: sha-256=:x:", "", false)]
    [InlineData("content-md5: x", "", false)]
    [InlineData("trailer: x", "", false)]
    [InlineData("status: 204", "", false)]
    [InlineData("status: 206", "", false)]
    [InlineData("status: 304", "", false)]
    [InlineData("length: 1023", "", false)]
    [InlineData("length: 1024", "", true)]
    [InlineData("length: -1", "", true)]
    [InlineData("", "method: HEAD", false)]
    [InlineData("", "protocol: HTTP/1.0", false)]
    [InlineData("", "protocol: HTTP/2", true)]
    [InlineData("", "accept-encoding: zstd;q=0", false)]
    public void Choose_OfAnAnswer_LooksAtBothHeads(string answer, string request, bool isCompressed)
    {
        HttpRequestFeature asked = new() { Method = "GET", Protocol = "HTTP/1.1", Headers = { AcceptEncoding = "gzip" } };
        HttpResponseFeature response = new() { Headers = { ContentType = "text/plain" } };
        long length = 5000;
        switch (request.Split(": "))
        {
            case ["method", var method]: asked.Method = method; break;
            case ["protocol", var protocol]: asked.Protocol = protocol; break;
            case [{ Length: > 0 } name, var value]: asked.Headers[name] = value; break;
        }

        switch (answer.Split(": "))
        {
            case ["status", var status]: response.StatusCode = int.Parse(status, null); break;
            case ["length", var bytes]: length = long.Parse(bytes, null); break;
            case ["content-type:"]: response.Headers.Remove("Content-Type"); break;
            case [{ Length: > 0 } name, var value]: response.Headers[name] = value; break;
        }

        Assert.Equal(isCompressed ? ContentCodings.Gzip : ContentCodings.None, new CompressionRules(new CompressionConfig()).Choose(asked, response, length));
    }

    [Theory]
    [InlineData(null, "gzip", "Accept-Encoding")]
    [InlineData(null, "", "Accept-Encoding")]
    [InlineData("Cookie", "gzip", "Cookie,Accept-Encoding")]
    [InlineData("Cookie, accept-encoding", "gzip", "Cookie, accept-encoding")]
    [InlineData("*", "gzip", "*")]
    public void Choose_OfAnAnswerThatMayBeCompressed_SaysThatItVaries(string? before, string accept, string after)
    {
        HttpRequestFeature request = new() { Method = "GET", Protocol = "HTTP/1.1", Headers = { AcceptEncoding = accept } };
        HttpResponseFeature response = new() { Headers = { ContentType = "text/html", Vary = before } };
        _ = new CompressionRules(new CompressionConfig()).Choose(request, response, -1);
        Assert.Equal(after, response.Headers.Vary.ToString());
    }

    [Fact]
    public void Choose_OfAPicture_ChangesNothing()
    {
        HttpRequestFeature request = new() { Method = "GET", Protocol = "HTTP/1.1", Headers = { AcceptEncoding = "gzip" } };
        HttpResponseFeature response = new() { Headers = { ContentType = "image/png" } };
        _ = new CompressionRules(new CompressionConfig()).Choose(request, response, -1);
        Assert.Equal(0, response.Headers.Vary.Count);
    }

    [Theory]
    [InlineData("\"a\"", "W/\"a\"")]
    [InlineData("W/\"a\"", "W/\"a\"")]
    public void Apply_OfACoding_WeakensTheTag(string before, string after)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        headers.ETag = before;
        headers.ContentLength = 7;
        headers.AcceptRanges = "bytes";
        CompressionRules.Apply(headers, ContentCodings.Zstandard);
        Assert.Equal(("zstd", null, after, ""), (headers.ContentEncoding.ToString(), headers.ContentLength, headers.ETag.ToString(), headers.AcceptRanges.ToString()));
    }

    [Fact]
    public void TryEnter_OfMoreThanThereArePlaces_IsRefusedUntilOneIsLeft()
    {
        CompressionRules rules = new(new CompressionConfig());
        int entered = 0;
        while (rules.TryEnter())
        {
            entered++;
        }

        Assert.InRange(entered, 1, 10_000);
        rules.Leave();
        Assert.True(rules.TryEnter());
        Assert.False(rules.TryEnter());
    }

    [Theory]
    [InlineData("text/html", true)]
    [InlineData("text/*", true)]
    [InlineData("*+json", true)]
    [InlineData("*", true)]
    [InlineData("application/vnd.api+json", true)]
    [InlineData("text", false)]
    [InlineData("text/", false)]
    [InlineData("*/*", false)]
    [InlineData("text/html; charset=utf-8", false)]
    [InlineData("te*t/html", false)]
    [InlineData("", false)]
    public void IsType_OfAText_KnowsPatterns(string text, bool isType) => Assert.Equal(isType, CompressionConfig.IsType(text));

    [Theory]
    [InlineData("text/event-stream", "text/event-stream", true)]
    [InlineData("*", "text/event-stream", false)]
    [InlineData("*", "image/png", true)]
    [InlineData("*+json", "application/x+JSON;a=b", true)]
    [InlineData("*+json", "application/json", false)]
    [InlineData("text/*", " text/html ; charset=x", true)]
    [InlineData("text/*", "texts/html", false)]
    [InlineData("text/*", "", false)]
    public void Matches_OfAType_FollowsThePatterns(string pattern, string type, bool matches) => Assert.Equal(matches, new CompressibleTypes([pattern]).Matches(type));

    private static ContentCodings Coding(string name) =>
        Enum.GetValues<ContentCodings>().Single(coding => coding != ContentCodings.None && CodingNames.Of(coding) == name);
}
