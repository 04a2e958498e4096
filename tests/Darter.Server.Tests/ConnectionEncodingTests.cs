using System.Text;
using CsCheck;
using Darter.Server.Listeners;

namespace Darter.Server.Tests;

public class ConnectionEncodingTests
{
    [Theory]
    [InlineData("close", "close")]
    [InlineData("Keep-Alive", "Keep-Alive")]
    [InlineData("keep-alive, Upgrade", "keep-alive, Upgrade")]
    [InlineData("Upgrade, HTTP2-Settings", "Upgrade, HTTP2-Settings")]
    [InlineData("X-Hop", "X-Hop")]
    [InlineData("close, X-Hop", "keep-alive, close, X-Hop")]
    [InlineData("X-Hop,Upgrade", "keep-alive, X-Hop,Upgrade")]
    [InlineData("Keep-Alive , X-Hop, x-other", "X-Hop, x-other")]
    [InlineData("close, keep-alive, X-Hop", "close, keep-alive, X-Hop")]
    [InlineData("", "")]
    public void GetString_LeavesTheServerNoValueToReplace(string value, string expected) =>
        Assert.Equal(expected, new ConnectionEncoding().GetString(Encoding.Latin1.GetBytes(value)));

    /// <summary>Whatever stands there, all names are still there, and the connection ends if it was to end.</summary>
    [Fact]
    public void GetString_OfAnyValue_LosesNoNameAndNoClose() =>
        Gen.Int[0, 5].Select(index => new[] { "close", "keep-alive", "Upgrade", "X-A", "x-b", " " }[index]).Array[0, 6].Sample(options =>
        {
            string read = new ConnectionEncoding().GetString(Encoding.Latin1.GetBytes(string.Join(',', options)));
            string[] found = read.Split(',', StringSplitOptions.TrimEntries);
            Assert.All(options.Where(option => option is "close" or "Upgrade" or "X-A" or "x-b"), option => Assert.Contains(option, found));
            Assert.Equal(options.Contains("close"), found.Contains("close"));
        });
}
