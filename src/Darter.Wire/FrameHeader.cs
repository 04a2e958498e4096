using System.Buffers.Binary;
using System.Numerics;

namespace Darter.Wire;

/// <summary>
/// The sixteen bytes before every payload: length (4), type (1), flags (1), zero (2), stream (4), check (4),
/// little-endian.
/// </summary>
/// <remarks>
/// The check is CRC-32C over the first twelve bytes and the number of the frame in its direction. It finds a lost,
/// repeated or torn frame and a second writer on the socket (a process forked by the application, say), which is what
/// can go wrong between two processes on one machine; the kernel answers for the bytes themselves.
/// </remarks>
public readonly record struct FrameHeader(FrameType Type, FrameFlags Flags, uint Stream, int Length)
{
    /// <summary>Size of a header in bytes.</summary>
    public const int Size = 16;

    /// <summary>Writes the header of the <paramref name="sequence"/>th frame of its direction, counted from 0.</summary>
    public void Write(Span<byte> destination, uint sequence)
    {
        ulong first = (uint)Length | ((ulong)Type << 32) | ((ulong)Flags << 40);
        BinaryPrimitives.WriteUInt64LittleEndian(destination, first);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], Stream);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Check(first, Stream, sequence));
    }

    /// <summary>Reads and verifies a header. Returns what is wrong with it, or <see cref="FrameError.None"/>.</summary>
    public static FrameError Read(ReadOnlySpan<byte> source, uint sequence, out FrameHeader header)
    {
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(source);
        uint stream = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]);
        uint check = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]);
        header = new FrameHeader((FrameType)(byte)(first >> 32), (FrameFlags)(byte)(first >> 40), stream, (int)(uint)first);

        if (check != Check(first, stream, sequence))
        {
            return FrameError.Check;
        }

        if ((uint)first > ChannelFormat.MaxPayload)
        {
            return FrameError.TooLong;
        }

        if (first >> 48 != 0 || (header.Flags & ~FrameFlags.End) != 0)
        {
            return FrameError.Reserved;
        }

        bool ofStream = header.Type is >= FrameType.Request and <= FrameType.Trailers;
        if (!ofStream && header.Type is not (>= FrameType.Hello and <= FrameType.Log))
        {
            return FrameError.UnknownType;
        }

        return ofStream == (stream != 0) ? FrameError.None : FrameError.Stream;
    }

    private static uint Check(ulong first, uint stream, uint sequence) =>
        ~BitOperations.Crc32C(BitOperations.Crc32C(uint.MaxValue, first), stream | ((ulong)sequence << 32));
}
