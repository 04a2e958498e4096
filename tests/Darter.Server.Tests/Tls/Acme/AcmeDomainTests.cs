using CsCheck;
using Darter.Server.Configuration;

namespace Darter.Server.Tests.Tls.Acme;

/// <summary>Names for certificates.</summary>
public sealed class AcmeDomainTests
{
    [Theory]
    [InlineData("Example.org", "example.org")]
    [InlineData("www.bücher.example", "www.xn--bcher-kva.example")]
    [InlineData("localhost", "localhost")]
    public void TryParse_OfAName_IsItsAsciiForm(string text, string expected)
    {
        Assert.True(AcmeDomain.TryParse(text, out string? name, out _));
        Assert.Equal(expected, name);
    }

    [Theory]
    [InlineData("*.example.org", "DNS-01")]
    [InlineData("192.0.2.1", "is an address")]
    [InlineData("::1", "is an address")]
    [InlineData("", "not a host name")]
    [InlineData("a..b", "not a host name")]
    [InlineData("-a.example", "not a host name")]
    [InlineData("a_b.example", "not a host name")]
    [InlineData("https://example.org", "not a host name")]
    [InlineData("example.org:443", "not a host name")]
    public void TryParse_OfSomethingElse_SaysWhy(string text, string expected)
    {
        Assert.False(AcmeDomain.TryParse(text, out _, out string? error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_OfAnything_IsAFileNameOrAnError() =>
        Gen.String.Sample(text => Assert.True(!AcmeDomain.TryParse(text, out string? name, out string? error)
            ? error is not null
            : name.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '.') && !name.Contains("..", StringComparison.Ordinal)));
}
