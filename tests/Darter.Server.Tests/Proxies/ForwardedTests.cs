using CsCheck;
using Darter.Server.Configuration;
using Darter.Server.Proxies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Tests.Proxies;

/// <summary>What proxies say about their clients.</summary>
public sealed class ForwardedTests
{
    [Theory]
    [InlineData("127.0.0.1", "1.2.3.4", "1.2.3.4")]
    [InlineData("127.0.0.1", "1.2.3.4, 127.0.0.1", "1.2.3.4")]
    [InlineData("127.0.0.1", "6.6.6.6, 1.2.3.4, 127.0.0.1", "1.2.3.4")]
    [InlineData("127.0.0.1,10.0.0.0/8", "6.6.6.6, 1.2.3.4, 10.1.1.1, 127.0.0.1", "1.2.3.4")]
    [InlineData("127.0.0.1,10.0.0.0/8", "10.2.2.2, 10.1.1.1, 127.0.0.1", "10.2.2.2")]
    [InlineData("*", "6.6.6.6, 1.2.3.4", "6.6.6.6")]
    [InlineData("127.0.0.1", "unknown, 127.0.0.1", "unknown")]
    [InlineData("127.0.0.1", "1.2.3.4,", "")]
    [InlineData("127.0.0.1", "", "")]
    [InlineData("127.0.0.1", "1.2.3.4, 0x7f.1", "0x7f.1")]
    [InlineData("::1", "2001:db8::1, ::1", "2001:db8::1")]
    [InlineData("::1", "2001:db8::1, 0:0:0:0:0:0:0:1", "2001:db8::1")]
    public void ClientOf_AList_IsTheRightmostThatIsNotTrusted(string trusted, string field, string expected)
    {
        Assert.True(TrustedAddresses.TryParse(trusted, out TrustedAddresses? list, out _));
        Assert.Equal(expected, ForwardedFor.ClientOf(field, list).ToString());
    }

    [Fact]
    public void ClientOf_AnyList_IsWhatUvicornFinds()
    {
        Assert.True(TrustedAddresses.TryParse("127.0.0.1,10.0.0.0/8", out TrustedAddresses? trusted, out _));
        Gen.OneOf<string>("127.0.0.1", "10.0.0.7", "1.2.3.4", "::1", "", "x", " 10.0.0.8 ", "11.0.0.1").Array[1, 6].Sample(hosts =>
        {
            // Its algorithm, word for word, with the fields joined.
            string[] items = [.. hosts.Select(host => host.Trim())];
            string expected = items.LastOrDefault(host => host is not ("127.0.0.1" or "10.0.0.7" or "10.0.0.8")) ?? items[0];
            Assert.Equal(expected, ForwardedFor.ClientOf(string.Join(',', hosts), trusted).ToString());
            Assert.Equal(expected, ForwardedFor.ClientOf(new StringValues(hosts), trusted).ToString());
        });
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("X-Forwarded-Proto: https", true)]
    [InlineData("X-Forwarded-Proto: http", false)]
    [InlineData("X-Forwarded-Proto: HTTPS", false)]
    [InlineData("X-Forwarded-Ssl: on", true)]
    [InlineData("X-Forwarded-Ssl: off", false)]
    [InlineData("X-Forwarded-Protocol: ssl", true)]
    [InlineData("X-Forwarded-Proto: https; X-Forwarded-Ssl: on", true)]
    [InlineData("X-Forwarded-Proto: http; X-Forwarded-Ssl: off", false)]
    public void Scheme_OfGunicornsFields_IsHttpsIfOneSaysSo(string fields, bool? expected)
    {
        Assert.True(ForwardedScheme.TryRead(Headers(fields), new ProxyConfig().SecureSchemeHeaders, out bool? https));
        Assert.Equal(expected, https);
    }

    [Theory]
    [InlineData("X-Forwarded-Proto: http; X-Forwarded-Ssl: on")]
    [InlineData("X-Forwarded-Proto: https; X-Forwarded-Protocol: http")]
    [InlineData("X-Forwarded-Proto: https; X-Forwarded-Proto: http")]
    public void Scheme_OfFieldsThatContradictEachOther_IsRefused(string fields) =>
        Assert.False(ForwardedScheme.TryRead(Headers(fields), new ProxyConfig().SecureSchemeHeaders, out _));

    [Theory]
    [InlineData("", null)]
    [InlineData("X-Forwarded-Proto: https", true)]
    [InlineData("X-Forwarded-Proto: wss", true)]
    [InlineData("X-Forwarded-Proto: http", false)]
    [InlineData("X-Forwarded-Proto: ws", false)]
    [InlineData("X-Forwarded-Proto: gopher", null)]
    [InlineData("X-Forwarded-Proto: http; X-Forwarded-Proto: https", true)]
    [InlineData("X-Forwarded-Ssl: on", null)]
    public void Scheme_OfUvicornsField_IsWhatItKnows(string fields, bool? expected) => Assert.Equal(expected, ForwardedScheme.Read(Headers(fields)));

    [Theory]
    [InlineData("X-Forwarded-For", true)]
    [InlineData("x-forwarded-proto", true)]
    [InlineData("X-FORWARDED-SSL", true)]
    [InlineData("script_name", true)]
    [InlineData("X-Request-ID", true)]
    [InlineData("Accept-Language", false)]
    [InlineData("X-Forwarded-Fox", false)]
    [InlineData("Remote_User", false)]
    public void ProxyFields_OfAName_ContainWhatAProxyMaySend(string name, bool expected) =>
        Assert.Equal(expected, new ProxyFields(new ProxyConfig(), "X-Request-Id").Contains(name));

    private static HeaderDictionary Headers(string fields)
    {
        HeaderDictionary headers = [];
        foreach (string field in fields.Split("; ", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = field.Split(": ");
            headers[parts[0]] = StringValues.Concat(headers[parts[0]], parts[1]);
        }

        return headers;
    }
}
