using System.Buffers.Binary;
using System.Text;

namespace Darter.Testing.WebSockets;

/// <summary>A frame of RFC 6455, 5.2.</summary>
/// <param name="Opcode">Its opcode.</param>
/// <param name="Payload">Its payload, unmasked.</param>
/// <param name="IsFinal">FIN.</param>
/// <param name="Reserved">RSV1 (4), RSV2 (2) and RSV3 (1).</param>
public sealed record WebSocketFrame(WebSocketOpcode Opcode, byte[] Payload, bool IsFinal = true, byte Reserved = 0)
{
    private static readonly byte[] Mask = [0x12, 0x34, 0x56, 0x78];

    /// <summary>The payload as text.</summary>
    public string Text => Encoding.UTF8.GetString(Payload);

    /// <summary>The code of a close frame; 1005 when there is none.</summary>
    public int CloseCode => Payload.Length == 0 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(Payload);

    /// <summary>The reason of a close frame.</summary>
    public string CloseReason => Payload.Length < 2 ? "" : Encoding.UTF8.GetString(Payload.AsSpan(2));

    /// <summary>A close frame.</summary>
    public static WebSocketFrame Close(int code, string reason = "") =>
        new(WebSocketOpcode.Close, [(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)]);

    /// <summary>A text message in one frame.</summary>
    public static WebSocketFrame OfText(string text) => new(WebSocketOpcode.Text, Encoding.UTF8.GetBytes(text));

    /// <summary>The bytes of the frame, masked as a client must.</summary>
    public byte[] ToMaskedBytes()
    {
        var bytes = new List<byte> { (byte)((IsFinal ? 0x80 : 0) | (Reserved << 4) | (byte)Opcode) };
        if (Payload.Length < 126)
        {
            bytes.Add((byte)(0x80 | Payload.Length));
        }
        else if (Payload.Length <= ushort.MaxValue)
        {
            bytes.AddRange([0x80 | 126, (byte)(Payload.Length >> 8), (byte)Payload.Length]);
        }
        else
        {
            byte[] length = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(length, Payload.Length);
            bytes.AddRange([0x80 | 127, .. length]);
        }

        bytes.AddRange(Mask);
        bytes.AddRange(Payload.Select((value, i) => (byte)(value ^ Mask[i & 3])));
        return [.. bytes];
    }
}
