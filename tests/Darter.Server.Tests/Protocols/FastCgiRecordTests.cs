using System.Buffers;
using System.Text;
using CsCheck;
using Darter.Server.Protocols;
using Darter.Server.Protocols.FastCgi;

namespace Darter.Server.Tests.Protocols;

public class FastCgiRecordTests
{
    [Fact]
    public void TryRead_OfAnyHeader_RoundTripsAndNeedsAllOfIt() =>
        Gen.Select(Gen.Byte, Gen.UShort, Gen.UShort, Gen.Byte).Sample((type, id, length, padding) =>
        {
            RecordHeader header = new((RecordType)type, id, length, padding);
            byte[] bytes = new byte[RecordHeader.Size];
            header.Write(bytes);
            for (int count = 0; count < bytes.Length; count++)
            {
                Assert.Equal(HeadStatus.NeedMore, RecordHeader.TryRead(new ReadOnlySequence<byte>(bytes, 0, count), out _));
            }

            Assert.Equal(HeadStatus.Complete, RecordHeader.TryRead(new ReadOnlySequence<byte>(bytes), out RecordHeader read));
            Assert.Equal(header, read);
        });

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData((byte)'G')]
    public void TryRead_OfAnotherVersion_IsMalformed(byte version) =>
        Assert.Equal(HeadStatus.Malformed, RecordHeader.TryRead(new ReadOnlySequence<byte>([version]), out _));

    [Fact]
    public void TryTake_ThePairOfTheSpecification_IsRead()
    {
        // Appendix B: {FCGI_PARAMS, 1, "\013\002SERVER_PORT80\013\016SERVER_ADDR199.170.183.42"}.
        ReadOnlySpan<byte> source = "\x0b\x02SERVER_PORT80\x0b\x0eSERVER_ADDR199.170.183.42"u8;
        Assert.True(NameValuePairs.TryTake(ref source, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value));
        Assert.Equal(("SERVER_PORT", "80"), (Encoding.ASCII.GetString(name), Encoding.ASCII.GetString(value)));
        Assert.True(NameValuePairs.TryTake(ref source, out name, out value));
        Assert.Equal(("SERVER_ADDR", "199.170.183.42"), (Encoding.ASCII.GetString(name), Encoding.ASCII.GetString(value)));
        Assert.True(source.IsEmpty);
    }

    [Fact]
    public void TryTake_OfAnyPair_RoundTripsAndNeedsAllOfIt() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Byte.Array[0, 300]).Sample(
            (name, value) =>
            {
                ArrayBufferWriter<byte> writer = new();
                NameValuePairs.Write(writer, name, value);
                for (int count = 0; count < writer.WrittenCount; count++)
                {
                    ReadOnlySpan<byte> part = writer.WrittenSpan[..count];
                    Assert.False(NameValuePairs.TryTake(ref part, out _, out _));
                }

                ReadOnlySpan<byte> source = writer.WrittenSpan;
                Assert.True(NameValuePairs.TryTake(ref source, out ReadOnlySpan<byte> readName, out ReadOnlySpan<byte> readValue));
                Assert.True(readName.SequenceEqual(name) && readValue.SequenceEqual(value) && source.IsEmpty);
            },
            iter: 100);

    [Fact]
    public void TryTake_OfAnyBytes_NeverThrows() => Gen.OneOf(Gen.Byte, Gen.Byte[0, 3], Gen.Byte[126, 130]).Array[0, 60].Sample(bytes =>
    {
        ReadOnlySpan<byte> source = bytes;
        while (NameValuePairs.TryTake(ref source, out _, out _))
        {
        }
    });

    [Fact]
    public void Answer_OfValues_HasThoseThatAreKnown()
    {
        byte[]? answer = Values.Answer(Gateway.Pairs([("FCGI_MPXS_CONNS", ""), ("WHAT", ""), ("FCGI_MAX_REQS", ""), ("FCGI_MAX_CONNS", "")]), 7);
        Assert.Equal(Gateway.Pairs([("FCGI_MPXS_CONNS", "1"), ("FCGI_MAX_REQS", "7"), ("FCGI_MAX_CONNS", "65535")]), answer);
        Assert.Null(Values.Answer([5], 0));
    }
}
