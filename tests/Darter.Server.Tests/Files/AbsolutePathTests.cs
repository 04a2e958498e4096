using System.Text;
using CsCheck;
using Darter.Server.Files;

namespace Darter.Server.Tests.Files;

/// <summary>Paths in X-Sendfile, and what is percent-encoded in them.</summary>
public sealed class AbsolutePathTests
{
    [Theory]
    [InlineData("/srv/media/a.txt", "srv/media/a.txt")]
    [InlineData("//srv/./media///a.txt/", "srv/media/a.txt")]
    [InlineData("/", "")]
    [InlineData("/...", "...")]
    [InlineData("/srv/../etc/passwd", null)]
    [InlineData("/srv/..", null)]
    [InlineData("srv", null)]
    [InlineData("", null)]
    [InlineData("/a\0b", null)]
    public void Normalize_OfAPath_LeavesItsParts(string path, string? normal) =>
        Assert.Equal(normal, AbsolutePath.Normalize(Encoding.UTF8.GetBytes(path)) is { } bytes ? Encoding.UTF8.GetString(bytes) : null);

    [Fact]
    public void Normalize_OfAnything_NeverLeadsUpwards() =>
        Gen.Char["ab./\0%"].Array[0, 20].Sample(characters =>
        {
            string path = new(characters);
            if (AbsolutePath.Normalize(Encoding.UTF8.GetBytes(path)) is not { } bytes)
            {
                return;
            }

            string[] parts = Encoding.UTF8.GetString(bytes).Split('/');
            Assert.Equal(path.Split('/').Where(part => part is not ("" or ".")), bytes.Length == 0 ? [] : parts);
            Assert.DoesNotContain("..", parts);
        });

    [Fact]
    public void TryDecode_OfWhatWasEncoded_GivesItBack() =>
        Gen.Byte.Array[0, 30].Sample(bytes =>
        {
            Assert.True(PercentEncoding.TryDecode(Encoding.ASCII.GetBytes(PercentEncoding.Encode(bytes)), out byte[]? decoded));
            Assert.Equal(bytes, decoded);
        });

    [Fact]
    public void EncodeUnsafe_OfAnything_IsATargetThatMeansTheSame() =>
        Gen.Byte[1, 255].Array[0, 30].Sample(bytes =>
        {
            string text = PercentEncoding.EncodeUnsafe(Encoding.Latin1.GetString(bytes));
            Assert.All(text, character => Assert.InRange(character, '!', '~'));
            bool isEncoded = PercentEncoding.TryDecode(bytes, out byte[]? expected);
            Assert.Equal(isEncoded, PercentEncoding.TryDecode(Encoding.ASCII.GetBytes(text), out byte[]? decoded));
            Assert.Equal(expected, decoded);
        });

    [Theory]
    [InlineData("100%")]
    [InlineData("%4")]
    [InlineData("%zz")]
    public void TryDecode_OfWhatIsNotEncoded_SaysSo(string text) => Assert.False(PercentEncoding.TryDecode(Encoding.ASCII.GetBytes(text), out _));
}
