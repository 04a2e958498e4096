using CsCheck;
using Darter.Server.Tls;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Tests.Tls;

/// <summary>Sending clients to https.</summary>
public sealed class HttpsRedirectTests
{
    [Theory]
    [InlineData("example.org", "/", 443, "https://example.org/")]
    [InlineData("example.org:80", "/a?b=c%20d", 443, "https://example.org/a?b=c%20d")]
    [InlineData("example.org:8000", "/a", 8443, "https://example.org:8443/a")]
    [InlineData("example.org:", "/", 443, "https://example.org/")]
    [InlineData("192.0.2.1", "/", 443, "https://192.0.2.1/")]
    [InlineData("[2001:db8::1]:80", "/", 8443, "https://[2001:db8::1]:8443/")]
    [InlineData("[2001:db8::1]", "/", 443, "https://[2001:db8::1]/")]
    [InlineData("example.org", "//evil.example/x", 443, "https://example.org//evil.example/x")]
    [InlineData("other.org", "http://example.org:80/a?b", 443, "https://example.org/a?b")]
    [InlineData("other.org", "http://example.org?b", 443, "https://example.org/?b")]
    [InlineData("other.org", "http://example.org", 443, "https://example.org/")]
    public async Task Request_OfAHost_IsSentToItsHttps(string host, string target, int port, string location)
    {
        (int status, string? found) = await AskAsync(host, target, port);
        Assert.Equal((308, location), (status, found));
    }

    [Theory]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    [InlineData("a b", "/")]
    [InlineData("user@example.org", "/")]
    [InlineData("example.org/x", "/")]
    [InlineData("example.org:x", "/")]
    [InlineData("example.org:99999", "/")]
    [InlineData("a:b:80", "/")]
    [InlineData("[::1", "/")]
    [InlineData("[127.0.0.1]", "/")]
    [InlineData("[fe80::1%25eth0]", "/")]
    [InlineData("example.org", "*")]
    [InlineData("example.org", "http://user@example.org/")]
    public async Task Request_WithoutAHost_Is400(string? host, string target)
    {
        (int status, string? location) = await AskAsync(host, target, 443);
        Assert.Equal((400, null), (status, location));
    }

    [Fact]
    public void NameOf_OfAnything_HasNothingThatEndsAnAuthority() =>
        Gen.Char["a1.:[]@/?#\\ %"].Array[0, 12].Sample(characters =>
        {
            if (HttpsRedirect.NameOf(new string(characters)) is { } name)
            {
                Assert.DoesNotContain(name, character => "@/?#\\ ".Contains(character, StringComparison.Ordinal));
                Assert.True(name.StartsWith('[') || !name.Contains(':', StringComparison.Ordinal));
            }
        });

    private static async Task<(int Status, string? Location)> AskAsync(string? host, string target, int port)
    {
        FeatureCollection features = new();
        HttpRequestFeature request = new() { Method = "POST", Protocol = "HTTP/1.1", RawTarget = target };
        if (host is not null)
        {
            request.Headers.Host = host;
        }

        HttpResponseFeature response = new();
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(new MemoryStream()));
        await new HttpsRedirect(() => port).TryHandle(features)!;
        string? location = response.Headers.Location;
        return (response.StatusCode, location);
    }
}
