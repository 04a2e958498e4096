using CsCheck;
using Darter.Server.Caching;

namespace Darter.Server.Tests.Caching;

/// <summary>Which stored answers purges leave.</summary>
public class PurgeListTests
{
    private const string Key = "https://example.org/news?p=1";

    [Theory]
    [InlineData("Key\nhttps://example.org/news?p=1", false)]
    [InlineData("Address\nhttps://example.org/news?p=1", false)]
    [InlineData("Address\nhttps://example.org/news", true)]
    [InlineData("Path\n/news?p=1", false)]
    [InlineData("Path\n/news", true)]
    [InlineData("AddressPrefix\nhttps://example.org/ne", false)]
    [InlineData("AddressPrefix\nhttp://example.org/ne", true)]
    [InlineData("PathPrefix\n/ne", false)]
    [InlineData("PathPrefix\n/old", true)]
    [InlineData("Tag\nnews", false)]
    [InlineData("Tag\nNEWS", true)]
    [InlineData("All\n", false)]
    [InlineData("OfTheFuture\nx", false)]
    [InlineData("", false)]
    public void Answer_IsLeft_IfNoLaterPurgeIsForIt(string purge, bool isLeft)
    {
        PurgeList list = new([$"9\nPath\n/other", $"8\n{purge}", "7\nAll\n", "6\nAll\n"]);
        Assert.Equal(isLeft, list.Allows("7", Key, ["news"]));
        Assert.True(list.Allows("8", Key, ["news"]));
        Assert.False(list.Allows("5", Key, ["news"]));
        Assert.Equal("9", list.Newest);
    }

    [Fact]
    public void Purge_ComesBackAsItWas() => Gen.Select(Gen.Int[0, (int)PurgeKind.All], Gen.String).Sample((kind, value) =>
    {
        CachePurge purge = new((PurgeKind)kind, value);
        Assert.Equal(purge, CachePurge.Parse(purge.ToString()));
    });
}
