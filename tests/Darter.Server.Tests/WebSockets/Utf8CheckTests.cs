using System.Text;
using System.Text.Unicode;
using CsCheck;
using Darter.Server.WebSockets;

namespace Darter.Server.Tests.WebSockets;

public sealed class Utf8CheckTests
{
    private static readonly byte[] Interesting = [0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xed, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xff];

    // Strings of whole characters, and bytes that are often wrong in an interesting way.
    private static readonly Gen<byte[]> Bytes = Gen.OneOf(
        Gen.String.Select(Encoding.UTF8.GetBytes),
        Gen.Int[0, Interesting.Length - 1].Select(i => Interesting[i]).Array[0, 12]);

    [Fact]
    public void Accept_InAnyPieces_AgreesWithTheWhole() =>
        Gen.Select(Bytes, Gen.Int[0, 5].List[0, 20]).Sample((bytes, cuts) =>
        {
            Utf8Check check = default;
            bool valid = true;
            int offset = 0;
            foreach (int cut in cuts)
            {
                int count = Math.Min(cut, bytes.Length - offset);
                valid = valid && check.Accept(bytes.AsSpan(offset, count), end: false);
                offset += count;
            }

            Assert.Equal(Utf8.IsValid(bytes), valid && check.Accept(bytes.AsSpan(offset), end: true));
        });

    [Theory]
    [InlineData(new byte[] { 0xed, 0xa0 })]
    [InlineData(new byte[] { 0xf4, 0x90 })]
    [InlineData(new byte[] { 0xc0 })]
    [InlineData(new byte[] { 0xe0, 0x80 })]
    public void Accept_OfACharacterThatCannotBecomeOne_RejectsAtOnce(byte[] bytes)
    {
        Utf8Check check = default;
        Assert.False(check.Accept(bytes, end: false));
    }
}
