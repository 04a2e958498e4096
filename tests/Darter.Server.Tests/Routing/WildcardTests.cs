using CsCheck;
using Darter.Server.Routing;

namespace Darter.Server.Tests.Routing;

public class WildcardTests
{
    [Theory]
    [InlineData("/health", "/health", "")]
    [InlineData("/static/*", "/static/a/b.css", "a/b.css")]
    [InlineData("/static/*", "/static/", "")]
    [InlineData("*.php", "/a/index.php", "/a/index")]
    [InlineData("/*/edit", "/a/b/edit", "a/b")]
    [InlineData("/*/x/*", "/a/x/b/x/c", "b/x/c")]
    [InlineData("*", "", "")]
    [InlineData("a*a", "aa", "")]
    public void Matches_WhatFits_SaysWhatTheLastStarStandsFor(string pattern, string text, string rest)
    {
        Assert.True(new Wildcard(pattern).Matches(text, out Range range));
        Assert.Equal(rest, text[range]);
    }

    [Theory]
    [InlineData("/health", "/health/")]
    [InlineData("/static/*", "/static")]
    [InlineData("*.php", "/a.phps")]
    [InlineData("a*a", "a")]
    [InlineData("*b*b*", "ab")]
    public void Matches_WhatDoesNotFit_IsFalse(string pattern, string text) => Assert.False(new Wildcard(pattern).Matches(text));

    [Fact]
    public void Matches_TextMadeFromAPattern_IsTrue() =>
        Gen.Select(Gen.String[Gen.Char["ab/"], 0, 4].Array[1, 4], Gen.String[Gen.Char["ab/"], 0, 3].Array[4])
            .Sample((pieces, fillings) =>
            {
                string text = pieces[0] + string.Concat(pieces.Skip(1).Select((piece, index) => fillings[index] + piece));
                Assert.True(new Wildcard(string.Join('*', pieces)).Matches(text));
            });
}
