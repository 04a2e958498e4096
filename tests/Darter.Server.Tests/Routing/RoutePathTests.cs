using CsCheck;
using Darter.Server.Routing;

namespace Darter.Server.Tests.Routing;

public class RoutePathTests
{
    [Theory]
    [InlineData("/a/b?c=/d", "/a/b")]
    [InlineData("/", "/")]
    [InlineData("/a//b///c/", "/a/b/c/")]
    [InlineData("/%61dmin", "/admin")]
    [InlineData("/a%2fb", "/a/b")]
    [InlineData("/x%2F%2Fy", "/x/y")]
    [InlineData("/caf%C3%A9", "/café")]
    [InlineData("http://h/a/b?x", "/a/b")]
    [InlineData("http://h", "/")]
    [InlineData("http://h?x", "/")]
    [InlineData("*", "*")]
    [InlineData("/a.b/.c/..d/...", "/a.b/.c/..d/...")]
    [InlineData("/a/%2525", "/a/%25")]
    public void TryNormalize_OfAnOrdinaryTarget_IsItsPath(string target, string path)
    {
        Assert.True(RoutePath.TryNormalize(target, out string normal));
        Assert.Equal(path, normal);
    }

    [Theory]
    [InlineData("/a/../b")]
    [InlineData("/..")]
    [InlineData("/a/.")]
    [InlineData("/./a")]
    [InlineData("/a/%2e%2e/b")]
    [InlineData("/a/.%2E/b")]
    [InlineData("/a%2f..%2fb")]
    [InlineData("/a/%00")]
    [InlineData("/a/%")]
    [InlineData("/a/%4")]
    [InlineData("/a/%zz")]
    [InlineData("/a/% 1")]
    [InlineData("/public/..?x")]
    public void TryNormalize_OfATargetThatOthersReadOtherwise_IsFalse(string target) => Assert.False(RoutePath.TryNormalize(target, out _));

    [Fact]
    public void TryNormalize_OfAnything_DoesNotThrowAndHasNoDotSegments() =>
        Gen.String[Gen.Char["/.%2eEfF05?ab:"], 0, 24].Sample(text =>
        {
            if (RoutePath.TryNormalize("/" + text, out string path))
            {
                Assert.StartsWith("/", path, StringComparison.Ordinal);
                Assert.DoesNotContain("//", path, StringComparison.Ordinal);
                Assert.DoesNotContain(path.Split('/'), segment => segment is "." or "..");
            }
        });

    [Fact]
    public void Encode_OfAnyPath_IsReadAsItWas() =>
        Gen.String[Gen.Char["/abé%? #&+;"], 0, 16].Sample(text =>
        {
            string path = "/" + string.Join('/', text.Split('/').Where(part => part.Length > 0));
            Assert.True(RoutePath.TryNormalize(RoutePath.Encode(path), out string normal));
            Assert.Equal(path, normal);
        });
}
