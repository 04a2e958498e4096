using System.Buffers.Binary;
using CsCheck;

namespace Darter.Wire.Tests;

public class FrameHeaderTests
{
    [Fact]
    public void Write_KnownFrame_HasTheSpecifiedBytes()
    {
        var bytes = new byte[FrameHeader.Size];
        new FrameHeader(FrameType.Body, FrameFlags.End, 0x01020304, 0x0000A0B0).Write(bytes, 5);

        byte[] expected = [0xB0, 0xA0, 0, 0, 17, 1, 0, 0, 4, 3, 2, 1];
        Assert.Equal(expected, bytes[..12]);
        Assert.Equal(Crc32C([.. expected, 5, 0, 0, 0]), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)));
    }

    [Fact]
    public void Write_AnyHeader_CarriesTheCrcOfTheSpecification() =>
        Gen.Select(Generate.Frame, Gen.UInt).Sample((frame, sequence) =>
        {
            var bytes = new byte[FrameHeader.Size + 4];
            frame.Header.Write(bytes, sequence);
            uint check = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), sequence);
            Assert.Equal(Crc32C(bytes.AsSpan(0, 16)), check);
        });

    [Fact]
    public void Read_OtherSequence_IsACheckError() =>
        Gen.Select(Generate.Frame, Gen.UInt, Gen.UInt).Where((_, written, read) => written != read).Sample((frame, written, read) =>
        {
            var bytes = new byte[FrameHeader.Size];
            frame.Header.Write(bytes, written);
            Assert.Equal(FrameError.None, FrameHeader.Read(bytes, written, out FrameHeader header));
            Assert.Equal(frame.Header, header);
            Assert.Equal(FrameError.Check, FrameHeader.Read(bytes, read, out _));
        });

    [Fact]
    public void Read_AnyFieldValuesWithAMatchingCheck_AcceptsExactlyTheAllowed() =>
        Gen.Select(Gen.OneOf(Gen.UInt, Gen.UInt[0, 1 << 20]), Gen.Byte, Gen.Byte[0, 3], Gen.OneOf(Gen.UShort, Gen.Const((ushort)0)), Gen.UInt[0, 2]).Sample(
            (length, type, flags, reserved, stream) =>
            {
                var bytes = new byte[20];
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, length);
                bytes[4] = type;
                bytes[5] = flags;
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), reserved);
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), stream);
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Crc32C(bytes.AsSpan(0, 16)));

                bool known = Enum.IsDefined((FrameType)type);
                FrameError expected = length > ChannelFormat.MaxPayload ? FrameError.TooLong
                    : reserved != 0 || flags > 1 ? FrameError.Reserved
                    : !known ? FrameError.UnknownType
                    : (type >= 16) != (stream != 0) ? FrameError.Stream
                    : FrameError.None;
                Assert.Equal(expected, FrameHeader.Read(bytes, 0, out _));
            });

    [Theory]
    [InlineData(0, FrameHeader.Size)]
    [InlineData(15, FrameHeader.Size)]
    [InlineData(16, FrameHeader.Size + 300)]
    public void SizeOfNext_Bytes_IsWhatIsNeeded(int available, int expected)
    {
        var bytes = new byte[FrameHeader.Size];
        new FrameHeader(FrameType.Body, FrameFlags.None, 1, 300).Write(bytes, 0);
        Assert.Equal(expected, FrameReader.SizeOfNext(bytes.AsSpan(0, available)));
    }

    [Fact]
    public void SizeOfNext_Garbage_IsBounded() =>
        Gen.Byte.Array[0, 40].Sample(bytes =>
            Assert.InRange(FrameReader.SizeOfNext(bytes), FrameHeader.Size, FrameHeader.Size + ChannelFormat.MaxPayload));

    /// <summary>CRC-32C bit by bit (reflected polynomial 0x82F63B78), independent of the processor's instruction.</summary>
    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0x82F63B78 & (0 - (crc & 1)));
            }
        }

        return ~crc;
    }
}
