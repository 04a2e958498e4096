using CsCheck;
using Darter.Server.Protocols;

namespace Darter.Server.Tests.Protocols;

public class CgiTargetTests
{
    [Theory]
    [InlineData("/a%20b?c=d", null, null, null, "/a%20b?c=d", "")]
    [InlineData("/a%20b?c=d", "", "/a b", "c=d", "/a%20b?c=d", "")]
    [InlineData("/m/a%2fb", "/m", "/a/b", "", "/m/a%2fb", "/m")]
    [InlineData("/m/x", "/m/", "/x", "", "/m/x", "/m")]
    [InlineData("/m", "/m", "", "", "/m", "/m")]
    [InlineData("/old/x?q", "", "/new/x", "q", "/new/x?q", "")]
    [InlineData("/old//x", "", "/old/x", null, "/old/x", "")]
    [InlineData(null, "/m", "/\u00e4?%", "a=b", "/m/%E4%3F%25?a=b", "/m")]
    [InlineData(null, "", "", "", "/", "")]
    [InlineData(null, "/x/y", null, null, "/x/y", "")]
    [InlineData("/x/y?z", "/x/y", null, null, "/x/y?z", "")]
    [InlineData("/x/y", "/x", null, null, "/x/y", "/x")]
    [InlineData("/xy", "/x", null, null, "/xy", "")]
    [InlineData("http://example.org/x?y", null, null, null, "/x?y", "")]
    [InlineData("http://example.org", null, null, null, "/", "")]
    [InlineData("?y", null, null, null, "/?y", "")]
    [InlineData("*", null, null, null, "*", "")]
    public void TryFind_OfWhatWebServersSay_IsTheTarget(string? uri, string? script, string? path, string? query, string target, string mount)
    {
        Assert.True(CgiTarget.TryFind(uri, script, path, query, out string found, out string at));
        Assert.Equal((target, mount), (found, at));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("", "", null)]
    public void TryFind_WithoutAPath_IsFalse(string? uri, string? script, string? path) =>
        Assert.False(CgiTarget.TryFind(uri, script, path, "q", out _, out _));

    [Fact]
    public void Decode_OfAnEncodedPath_IsThePath() => Gateway.Text.Sample(path =>
    {
        string encoded = CgiTarget.Encode(path);
        Assert.Equal(path, CgiTarget.Decode(encoded));
        Assert.DoesNotContain(encoded, character => character is <= ' ' or >= '\u007f' or '?' or '#');
    });

    [Fact]
    public void TryFind_OfAnyTexts_BeginsWithTheMount() =>
        Gen.Select(Gateway.Text, Gateway.Text, Gateway.Text).Sample((uri, script, path) =>
        {
            if (CgiTarget.TryFind(uri, "/" + script, "/" + path, null, out string target, out string mount))
            {
                Assert.StartsWith(mount, CgiTarget.Decode(target.Split('?')[0]), StringComparison.Ordinal);
            }
        });
}
