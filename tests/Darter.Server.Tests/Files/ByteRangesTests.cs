using CsCheck;
using Darter.Server.Files;

namespace Darter.Server.Tests.Files;

/// <summary>The field Range.</summary>
public sealed class ByteRangesTests
{
    [Theory]
    [InlineData("bytes=0-0,200-299", "0+1 200+100")]
    [InlineData("bytes=500-599,0-99", "500+100 0+100")]
    [InlineData("bytes=0-99,100-199", "0+200")]
    [InlineData("bytes=0-99,150-199", "0+200")]
    [InlineData("bytes=300-399,0-10,350-500", "0+11 300+201")]
    [InlineData("bytes=-100,0-0", "900+100 0+1")]
    [InlineData("bytes=2000-,5-6", "5+2")]
    [InlineData("bytes=2000-,3000-", "")]
    public void Parse_OfRanges_JoinsWhatOverlaps(string field, string expected) =>
        Assert.Equal(expected, string.Join(' ', ByteRanges.Parse(field, 1000)!.Select(range => $"{range.Offset}+{range.Length}")));

    [Fact]
    public void Parse_OfAnEmptyFile_HasNothingToGive() => Assert.Empty(ByteRanges.Parse("bytes=0-", 0)!);

    [Fact]
    public void Parse_OfSeveralFields_IsIgnored() => Assert.Null(ByteRanges.Parse(new Microsoft.Extensions.Primitives.StringValues(["bytes=0-1", "bytes=2-3"]), 10));

    [Fact]
    public void Parse_OfAnything_StaysInTheFileAndNeverExceedsIt() =>
        Gen.Select(Gen.Char["0123456789-, "].Array[0, 40], Gen.Long[0, 2000]).Sample((characters, length) =>
        {
            IReadOnlyList<ByteRange>? ranges = ByteRanges.Parse($"bytes={new string(characters)}", length);
            if (ranges is null)
            {
                return;
            }

            Assert.All(ranges, range => Assert.True(range.Offset >= 0 && range.Length > 0 && range.End <= length));
            Assert.True(ranges.Sum(range => range.Length) <= length);
        });
}
