using System.Buffers.Binary;

namespace Darter.Testing.Http2;

/// <summary>A frame of HTTP/2 (RFC 9113, 4.1).</summary>
/// <param name="Type">Its type.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Payload">Its payload.</param>
public sealed record Http2Frame(Http2FrameType Type, byte Flags, int Stream, byte[] Payload)
{
    /// <summary>END_STREAM of DATA and HEADERS; ACK of SETTINGS and PING.</summary>
    public const byte EndStream = 1;

    /// <summary>END_HEADERS.</summary>
    public const byte EndHeaders = 4;

    /// <summary>The error code of RST_STREAM or GOAWAY.</summary>
    public uint ErrorCode => BinaryPrimitives.ReadUInt32BigEndian(Payload.AsSpan(Type == Http2FrameType.GoAway ? 4 : 0));

    /// <summary>Its bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[9 + Payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, Payload.Length << 8);
        bytes[3] = (byte)Type;
        bytes[4] = Flags;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(5), Stream);
        Payload.CopyTo(bytes, 9);
        return bytes;
    }
}
