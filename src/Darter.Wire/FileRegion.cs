using System.Buffers.Binary;

namespace Darter.Wire;

/// <summary>
/// Payload of <see cref="FrameType.File"/>: offset (8) and length (8) of the bytes of the file whose descriptor comes,
/// as SCM_RIGHTS, with the bytes of the frame. Descriptors and file frames come in the same order.
/// </summary>
public static class FileRegion
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 16;

    /// <summary>Writes a region.</summary>
    public static void Write(Span<byte> destination, long offset, long length)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, offset);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], length);
    }

    /// <summary>Reads a region. False: not a region.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out long offset, out long length)
    {
        offset = length = 0;
        if (payload.Length != Size)
        {
            return false;
        }

        offset = BinaryPrimitives.ReadInt64LittleEndian(payload);
        length = BinaryPrimitives.ReadInt64LittleEndian(payload[8..]);
        return offset >= 0 && length >= 0;
    }
}
