using CsCheck;
using Darter.Server.Caching;

namespace Darter.Server.Tests.Caching;

/// <summary>Keys, and the ranges that are cut from what they name.</summary>
public sealed class CacheKeyTests
{
    private const string Key = "http://example.org/a/b?c";

    [Theory]
    [InlineData("/x?y#z", "http://example.org/x?y")]
    [InlineData("d", "http://example.org/a/d")]
    [InlineData("?d", "http://example.org/a/b?d")]
    [InlineData("http://Example.org", "http://example.org/")]
    [InlineData("//example.org/x", "http://example.org/x")]
    [InlineData("https://example.org/x", null)]
    [InlineData("http://example.org.evil/x", null)]
    [InlineData("//other/x", null)]
    [InlineData("mailto:a@b", null)]
    public void Resolve_OfTheSameOrigin_IsItsKey(string reference, string? expected) => Assert.Equal(expected, CacheKey.Resolve(Key, reference));

    [Fact]
    public void Resolve_OfAnything_IsOfTheSameOrigin() =>
        Gen.Char["ahtps:/.?#@[]%\\ e"].Array[1, 30].Select(characters => new string(characters)).Sample(reference =>
            Assert.True(CacheKey.Resolve(Key, reference) is not { } key || key.StartsWith("http://example.org/", StringComparison.Ordinal)));

    [Fact]
    public void Write_OfWhatIsTooLong_OrHasNoHost_IsNothing()
    {
        Span<char> buffer = stackalloc char[CacheKey.MaxLength];
        Assert.Equal(0, CacheKey.Write(buffer, false, "h", new string('/', CacheKey.MaxLength)));
        Assert.Equal(0, CacheKey.Write(buffer, false, "", "/"));
        Assert.Equal(0, CacheKey.Write(buffer, false, "h", "*"));
        Assert.Equal("https://h.x/A", buffer[..CacheKey.Write(buffer, true, "H.x", "/A")].ToString());
    }

    [Fact]
    public void Range_OfAnything_IsInTheWhole() =>
        Gen.Select(Gen.Char["0123456789-, "].Array[0, 24], Gen.Long[0, 2000]).Sample((characters, length) =>
        {
            if (SingleRange.Parse($"bytes={new string(characters)}", length, out bool isUnsatisfiable) is var (offset, count))
            {
                Assert.True(!isUnsatisfiable && offset >= 0 && count > 0 && offset + count <= length);
            }
        });
}
