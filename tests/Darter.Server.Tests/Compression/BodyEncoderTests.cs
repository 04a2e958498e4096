using System.Buffers;
using System.Text;
using CsCheck;
using Darter.Server.Compression;
using Darter.Server.Configuration;

namespace Darter.Server.Tests.Compression;

/// <summary>The compressors.</summary>
public sealed class BodyEncoderTests
{
    public static TheoryData<ContentCodings> Codings => new(ContentCodings.Brotli, ContentCodings.Zstandard, ContentCodings.Gzip);

    [Theory]
    [MemberData(nameof(Codings))]
    public void Write_OfAnyPieces_ComesBackWholeAndAfterEachFlush(ContentCodings coding)
    {
        Gen<byte[]> piece = Gen.OneOf(Gen.Byte.Array[0, 50], Gen.Byte[65, 70].Array[0, 5000], Gen.Byte.Array[30_000, 70_000]);
        Gen.Select(piece, Gen.Bool).List[0, 6].Sample(
            pieces =>
            {
                using BodyEncoder encoder = BodyEncoder.Create(coding);
                ArrayBufferWriter<byte> output = new();
                List<byte> all = [];
                foreach ((byte[] bytes, bool flushes) in pieces)
                {
                    encoder.Write(bytes, output);
                    all.AddRange(bytes);
                    if (flushes)
                    {
                        encoder.Flush(output);
                        Assert.Equal(all, Decoded.Of(CodingNames.Of(coding), output.WrittenSpan.ToArray()));
                    }
                }

                encoder.Finish(output);
                Assert.Equal(all, Decoded.Of(CodingNames.Of(coding), output.WrittenSpan.ToArray()));
                Assert.Equal(output.WrittenCount, encoder.Written);
            },
            iter: 60,
            threads: 1);
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public void Write_OfText_MakesItSmaller(ContentCodings coding)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 5000).Select(i => $"<li>Item number {i} of the list</li>")));
        using BodyEncoder encoder = BodyEncoder.Create(coding);
        ArrayBufferWriter<byte> output = new();
        encoder.Write(text, output);
        encoder.Finish(output);
        Assert.InRange(output.WrittenCount, 1, text.Length / 5);
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public void Finish_OfNothing_IsAValidBody(ContentCodings coding)
    {
        using BodyEncoder encoder = BodyEncoder.Create(coding);
        ArrayBufferWriter<byte> output = new();
        encoder.Finish(output);
        Assert.NotEqual(0, output.WrittenCount);
        Assert.Empty(Decoded.Of(CodingNames.Of(coding), output.WrittenSpan.ToArray()));
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public void Dispose_InTheMiddle_WritesNothing(ContentCodings coding)
    {
        BodyEncoder encoder = BodyEncoder.Create(coding);
        ArrayBufferWriter<byte> output = new();
        encoder.Write(new byte[100], output);
        int count = output.WrittenCount;
        encoder.Dispose();
        Assert.Equal(count, output.WrittenCount);
    }
}
