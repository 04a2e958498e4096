using System.Buffers.Binary;

namespace Darter.Server.WebSockets;

/// <summary>Writes the header of a frame to a client: RFC 6455, section 5.2. Servers do not mask.</summary>
internal static class ServerFrame
{
    /// <summary>The longest header.</summary>
    internal const int MaxHeaderSize = 10;

    /// <summary>Writes a header and returns its size.</summary>
    internal static int WriteHeader(Span<byte> destination, FrameOpcode opcode, bool final, bool compressed, int length)
    {
        destination[0] = (byte)((final ? 0x80 : 0) | (compressed ? 0x40 : 0) | (byte)opcode);
        if (length < 126)
        {
            destination[1] = (byte)length;
            return 2;
        }

        if (length <= ushort.MaxValue)
        {
            destination[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)length);
            return 4;
        }

        destination[1] = 127;
        BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)length);
        return 10;
    }
}
