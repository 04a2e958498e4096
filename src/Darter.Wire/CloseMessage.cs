using System.Buffers.Binary;

namespace Darter.Wire;

/// <summary>Payload of <see cref="FrameType.Close"/>: close code (2), then the reason in UTF-8, at most 123 bytes (RFC 6455, section 5.5).</summary>
public static class CloseMessage
{
    /// <summary>Longest payload in bytes.</summary>
    public const int MaxSize = 2 + 123;

    /// <summary>Writes a close and returns the bytes written.</summary>
    public static int Write(Span<byte> destination, ushort code, ReadOnlySpan<byte> reason)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination, code);
        reason.CopyTo(destination[2..]);
        return 2 + reason.Length;
    }

    /// <summary>Reads a close. False: not a close.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out ushort code, out ReadOnlySpan<byte> reason)
    {
        code = 0;
        reason = default;
        if (payload.Length is < 2 or > MaxSize)
        {
            return false;
        }

        code = BinaryPrimitives.ReadUInt16LittleEndian(payload);
        reason = payload[2..];
        return true;
    }
}
