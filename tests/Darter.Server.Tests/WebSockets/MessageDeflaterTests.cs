using System.IO.Compression;
using CsCheck;
using Darter.Server.WebSockets;

namespace Darter.Server.Tests.WebSockets;

public sealed class MessageDeflaterTests
{
    [Fact]
    public void Compress_InPieces_IsOneMessageForAnyInflater() =>
        Gen.Select(Gen.Byte[0, 3].Array[0, 5000].Array[1, 4], Gen.Int[9, 15]).Sample((pieces, bits) =>
        {
            using MessageDeflater deflater = new();
            using MemoryStream message = new();
            for (int i = 0; i < pieces.Length; i++)
            {
                message.Write(deflater.Compress(pieces[i], i == pieces.Length - 1, bits));
            }

            // What the receiver does: RFC 7692, section 7.2.2.
            message.Write([0, 0, 0xff, 0xff]);
            message.Position = 0;
            using MemoryStream plain = new();
            using DeflateStream inflate = new(message, CompressionMode.Decompress);
            inflate.CopyTo(plain);
            Assert.Equal(pieces.SelectMany(piece => piece).ToArray(), plain.ToArray());
        });

    [Fact]
    public void Compress_OfTheSamePieceAgain_IsTheSame()
    {
        using MessageDeflater deflater = new();
        byte[] piece = new byte[1000];
        byte[] first = deflater.Compress(piece, true, 15).ToArray();

        Assert.Equal(first, deflater.Compress(piece, true, 15).ToArray());
        Assert.NotEqual(first, deflater.Compress(piece, false, 15).ToArray());
        Assert.Equal(first, deflater.Compress(piece, true, 15).ToArray());
        Assert.True(first.Length < 50);
    }
}
