using CsCheck;
using Darter.Cli.Settings;

namespace Darter.Cli.Tests;

public class NearestNameTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("workers", "workers", 0)]
    [InlineData("workres", "workers", 1)]
    [InlineData("worker", "workers", 1)]
    [InlineData("wrkers", "workers", 1)]
    [InlineData("bind", "kind", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    public void Distance_OfTwoNames_IsTheNumberOfMistakes(string a, string b, int expected)
    {
        Assert.Equal(expected, NearestName.Distance(a, b));
        Assert.Equal(expected, NearestName.Distance(b, a));
    }

    [Fact]
    public void Distance_OfAnyNames_IsAtMostTheLongerOne() =>
        Gen.Select(Gen.String[Gen.Char['a', 'e'], 0, 12], Gen.String[Gen.Char['a', 'e'], 0, 12]).Sample((a, b) =>
        {
            int distance = NearestName.Distance(a, b);
            Assert.InRange(distance, Math.Abs(a.Length - b.Length), Math.Max(a.Length, b.Length));
            Assert.Equal(a == b, distance == 0);
        });

    [Theory]
    [InlineData("worker", "workers")]
    [InlineData("limit_request_feilds", "limit_request_fields")]
    [InlineData("limit_request_f", "limit_request_fields")]
    [InlineData("zzz", null)]
    public void Find_AMistypedName_ReturnsTheNearest(string name, string? expected) =>
        Assert.Equal(expected, NearestName.Find(name, ["bind", "workers", "limit_request_line", "limit_request_fields"]));
}
