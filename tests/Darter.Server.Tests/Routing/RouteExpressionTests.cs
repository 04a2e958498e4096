using System.Text.RegularExpressions;
using CsCheck;
using Darter.Server.Configuration.Routes;

namespace Darter.Server.Tests.Routing;

public class RouteExpressionTests
{
    [Theory]
    [InlineData("~^/shop/([0-9]+)$", "/shop/12", true)]
    [InlineData("~^/shop/([0-9]+)$", "/shop/12/", false)]
    [InlineData("~^/shop/([0-9]+)$", "/Shop/12", false)]
    [InlineData("~*^/shop/", "/SHOP/x", true)]
    [InlineData("~\\.php$", "/a/index.php", true)]
    [InlineData("~^/admin/.*$", "/admin/\nsecret", true)]
    [InlineData("~^/(?<a>x|y)+$", "/xyx", true)]
    [InlineData("~^/\u00e9", "/\u00e9t\u00e9", true)]
    public void Find_LooksForTheExpression(string pattern, string text, bool fits) => Assert.Equal(fits, Parse(pattern).Find(text) is not null);

    [Theory]
    [InlineData("~", "there is no expression")]
    [InlineData("~*", "there is no expression")]
    [InlineData("~^/(a", "Not enough )'s")]
    [InlineData("~^/[z-a]", "reverse order")]
    [InlineData("~(a)\\1", "in a time that is bounded")]
    [InlineData("~(?=a)b", "in a time that is bounded")]
    [InlineData("~(?>a)", "in a time that is bounded")]
    [InlineData("~(a{500}){500}", "in a time that is bounded")]
    public void TryParse_OfWhatCannotBeUsed_SaysWhy(string pattern, string part)
    {
        Assert.False(RouteExpression.TryParse(pattern, ignoreCase: false, out _, out string? error));
        Assert.Contains(part, error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_OfALongExpression_IsAnError() =>
        Assert.False(RouteExpression.TryParse("~" + new string('a', RouteExpression.MaxLength + 1), ignoreCase: false, out _, out _));

    [Fact]
    public void Groups_AreThoseThatCapture() => Assert.Equal(["1", "id"], Parse("~^/([a-z]+)/(?<id>[0-9]+)/(?:x)$").Groups);

    /// <summary>What takes a backtracking engine longer than the universe is old.</summary>
    [Theory]
    [InlineData("~^(a+)+$")]
    [InlineData("~^(a|a)*$")]
    [InlineData("~^(.*a){20}$")]
    public void Find_OfAnEvilExpression_ComesToAnEnd(string pattern) => Assert.Null(Parse(pattern).Find("/" + new string('a', 20_000) + "b"));

    /// <summary>The same as with the engine that everybody knows, for expressions that do not take it long.</summary>
    [Fact]
    public void Find_OfAnyExpression_IsWhatBacktrackingFinds()
    {
        Gen<string> atom = OneOf("a", "b", "/", ".", "[ab]", "[^a]", "\\d", "(a)", "(b|/)", "(?<n>a)");
        Gen<string> piece = Gen.Select(atom, OneOf("", "", "*", "+", "?", "{1,2}"), (what, often) => what + often);
        Gen<string> text = Gen.String[Gen.Char["ab/0\n"], 0, 12];
        Gen.Select(piece.Array[1, 4], Gen.Bool, Gen.Bool, text).Sample((pieces, begins, ends, path) =>
        {
            string expression = (begins ? "^" : "") + string.Concat(pieces) + (ends ? "$" : "");
            if (!RouteExpression.TryParse("~" + expression, ignoreCase: false, out RouteExpression? route, out _))
            {
                Assert.Fail(expression);
            }

            Match expected = Regex.Match(path, expression, RegexOptions.CultureInvariant | RegexOptions.Singleline);
            Match? found = route.Find(path);
            Assert.Equal(expected.Success, found is not null);
            Assert.Equal(expected.Success ? (expected.Index, expected.Value) : (0, ""), found is null ? (0, "") : (found.Index, found.Value));
        });
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    private static RouteExpression Parse(string pattern)
    {
        Assert.True(RouteExpression.TryParse(pattern, ignoreCase: false, out RouteExpression? expression, out string? error), error);
        return expression;
    }
}
