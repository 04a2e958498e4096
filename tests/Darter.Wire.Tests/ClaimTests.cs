using CsCheck;

namespace Darter.Wire.Tests;

public class ClaimTests
{
    private const uint LastStream = (1u << 30) - 1;

    [Fact]
    public void Words_AnyTwoStreams_AreDistinctAndNeverFree() =>
        Gen.Select(Gen.UInt[1, LastStream], Gen.UInt[1, LastStream]).Where((one, two) => one != two).Sample((one, two) =>
        {
            uint[] words =
            [
                Claim.Free, Claim.Offered(one), Claim.Claimed(one), Claim.Cancelled(one),
                Claim.Offered(two), Claim.Claimed(two), Claim.Cancelled(two),
            ];
            Assert.Equal(words.Length, words.Distinct().Count());
        });

    [Fact]
    public void Words_LastStream_DoNotOverflow()
    {
        Assert.Equal(LastStream, Claim.Offered(LastStream) >> 2);
        Assert.Equal(LastStream, Claim.Claimed(LastStream) >> 2);
        Assert.Equal(LastStream, Claim.Cancelled(LastStream) >> 2);
    }
}
