using Darter.Server.Configuration;

namespace Darter.Server.Tests;

/// <summary>Addresses of Redis.</summary>
public class RedisAddressTests
{
    [Theory]
    [InlineData("redis://localhost", "redis://localhost:6379/0")]
    [InlineData("redis://10.0.0.7:7000/3", "redis://10.0.0.7:7000/3")]
    [InlineData("rediss://cache.example/", "rediss://cache.example:6379/0")]
    [InlineData("redis://[::1]:7000", "redis://[::1]:7000/0")]
    [InlineData("redis://user:p%40ss@host", "redis://user:***@host:6379/0")]
    [InlineData("redis://:pass@host", "redis://:***@host:6379/0")]
    public void TryParse_OfAnAddress_ReadsItAndShowsNoPassword(string text, string shown)
    {
        Assert.True(RedisAddress.TryParse(text, out RedisAddress? address, out _));
        Assert.Equal(shown, address.ToString());
    }

    [Fact]
    public void TryParse_OfCredentials_DecodesThem()
    {
        Assert.True(RedisAddress.TryParse("redis://us%3Aer:p%40s%2Fs@host", out RedisAddress? address, out _));
        Assert.Equal(("us:er", "p@s/s"), (address.User, address.Password));
        Assert.True(RedisAddress.TryParse("redis://:pass@host", out address, out _));
        Assert.Equal((null, "pass"), (address.User, address.Password));
    }

    [Theory]
    [InlineData("localhost:6379", "redis://")]
    [InlineData("http://localhost", "redis://")]
    [InlineData("redis://", "redis://")]
    [InlineData("redis://host/x", "'x'")]
    [InlineData("redis://host/-1", "'-1'")]
    [InlineData("redis://host/0?x=1", "%3F")]
    [InlineData("redis://host:99999", "redis://")]
    [InlineData("redis://s3cret@host", "redis://:password@host")]
    [InlineData("redis://s3cret:@host", "redis://:password@host")]
    public void TryParse_OfSomethingElse_SaysWhatIsWrong(string text, string expected)
    {
        Assert.False(RedisAddress.TryParse(text, out _, out string? error));
        Assert.Contains(expected, error);
        Assert.DoesNotContain("s3cret", error);
    }
}
