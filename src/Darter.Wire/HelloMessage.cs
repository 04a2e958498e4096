using System.Buffers.Binary;

namespace Darter.Wire;

/// <summary>Payload of <see cref="FrameType.Hello"/>: magic (4), version (2), zero (2), process id (4), token (16).</summary>
public static class HelloMessage
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 12 + ChannelFormat.TokenSize;

    /// <summary>Writes a hello to <paramref name="destination"/>.</summary>
    public static void Write(Span<byte> destination, int processId, ReadOnlySpan<byte> token)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, ChannelFormat.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], ChannelFormat.Version);
        BinaryPrimitives.WriteInt32LittleEndian(destination[8..], processId);
        token[..ChannelFormat.TokenSize].CopyTo(destination[12..]);
    }

    /// <summary>Reads a hello and compares version and token. False: the peer is not ours, or not of our version.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> token, out int processId, out ushort version)
    {
        processId = 0;
        version = 0;
        if (payload.Length != Size || BinaryPrimitives.ReadUInt32LittleEndian(payload) != ChannelFormat.Magic)
        {
            return false;
        }

        version = BinaryPrimitives.ReadUInt16LittleEndian(payload[4..]);
        processId = BinaryPrimitives.ReadInt32LittleEndian(payload[8..]);
        return version == ChannelFormat.Version && BinaryPrimitives.ReadUInt16LittleEndian(payload[6..]) == 0
            && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(payload[12..], token);
    }
}
