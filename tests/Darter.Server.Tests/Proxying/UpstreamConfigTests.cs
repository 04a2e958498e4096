using Darter.Server.Configuration;

namespace Darter.Server.Tests.Proxying;

/// <summary>What can be configured.</summary>
public class UpstreamConfigTests
{
    [Theory]
    [InlineData("http://10.0.0.1:9000", "http://10.0.0.1:9000")]
    [InlineData("http://Search.Example/", "http://search.example:80")]
    [InlineData("HTTPS://h", "https://h:443")]
    [InlineData("http://[::1]:1", "http://[::1]:1")]
    [InlineData("unix:/run/a.sock", "unix:/run/a.sock")]
    public void TryParse_OfAnAddress_MakesItUniform(string text, string expected)
    {
        Assert.True(UpstreamDestination.TryParse(text, out UpstreamDestination? destination, out _));
        Assert.Equal((expected, 1), (destination.Address, destination.Weight));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.1:9000")]
    [InlineData("ftp://h")]
    [InlineData("http://")]
    [InlineData("http://h/path")]
    [InlineData("http://h?q")]
    [InlineData("http://u:p@h")]
    [InlineData("http://h:99999")]
    [InlineData("http://h:0")]
    [InlineData("unix:relative")]
    public void TryParse_OfWhatIsNone_SaysWhy(string text)
    {
        Assert.False(UpstreamDestination.TryParse(text, out _, out string? error));
        Assert.Contains($"'{text}'", error, StringComparison.Ordinal);
    }

    public static TheoryData<string, UpstreamConfig> Wrong
    {
        get
        {
            UpstreamConfig right = Make();
            return new()
            {
                { "no destinations", right with { Destinations = [] } },
                { "more than once", right with { Destinations = [.. right.Destinations, .. right.Destinations] } },
                { "weight", right with { Destinations = [right.Destinations[0] with { Weight = 0 }] } },
                { "connect timeout", right with { ConnectTimeout = TimeSpan.Zero } },
                { "activity timeout", right with { ActivityTimeout = TimeSpan.FromDays(100) } },
                { "keep-alive", right with { KeepAlive = TimeSpan.FromSeconds(-1) } },
                { "slow start", right with { SlowStart = TimeSpan.FromSeconds(-1) } },
                { "numbers", right with { MaxConnections = -1 } },
                { "numbers", right with { Retries = -1 } },
                { "numbers", right with { Passive = new UpstreamPassiveConfig { MaxFails = 0 } } },
                { "fail timeout", right with { Passive = new UpstreamPassiveConfig { FailTimeout = TimeSpan.Zero } } },
                { "health interval", right with { Health = new UpstreamHealthConfig { Path = "/", Interval = TimeSpan.Zero } } },
                { "slash", right with { Health = new UpstreamHealthConfig { Path = "health" } } },
                { "cookie", right with { Sticky = new UpstreamStickyConfig { Cookie = "a b" } } },
                { "age", right with { Sticky = new UpstreamStickyConfig { Cookie = "a", MaxAge = TimeSpan.Zero } } },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Problems_OfWhatIsWrong_NameIt(string word, UpstreamConfig config) => Assert.Contains(word, Assert.Single(config.Problems("shop")), StringComparison.Ordinal);

    [Fact]
    public void Problems_OfTheDefaults_AreNone() => Assert.Empty(Make().Problems("shop"));

    private static UpstreamConfig Make() => new() { Destinations = [HttpUpstream.At("http://10.0.0.1:9000")] };
}
