using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Darter.Server.WebSockets;

/// <summary>The header of a frame that a client sent: RFC 6455, section 5.2.</summary>
internal readonly struct ClientFrame
{
    /// <summary>The longest header: two bytes, the length and the mask.</summary>
    internal const int MaxHeaderSize = 14;

    /// <summary>The most payload of a control frame (section 5.5).</summary>
    internal const int MaxControlPayload = 125;

    private const int MaskSize = 4;

    internal FrameOpcode Opcode { get; private init; }

    /// <summary>Whether it is the last frame of its message.</summary>
    internal bool IsFinal { get; private init; }

    /// <summary>The three reserved bits: RSV1 is 4. Compressed messages have it (RFC 7692).</summary>
    internal byte Reserved { get; private init; }

    /// <summary>Clients must mask what they send (section 5.1).</summary>
    internal bool IsMasked { get; private init; }

    /// <summary>The mask as it lies in memory.</summary>
    internal uint Mask { get; private init; }

    /// <summary>Length of the payload; more than <see cref="long.MaxValue"/> is not allowed.</summary>
    internal ulong Length { get; private init; }

    internal bool IsControl => ((byte)Opcode & 8) != 0;

    /// <summary>Reads a header. Returns its size, 0 when it is not complete.</summary>
    internal static int TryRead(ReadOnlySpan<byte> bytes, out ClientFrame frame)
    {
        frame = default;
        if (bytes.Length < 2)
        {
            return 0;
        }

        int shortLength = bytes[1] & 0x7f;
        int lengthSize = shortLength switch { 126 => 2, 127 => 8, _ => 0 };
        bool masked = (bytes[1] & 0x80) != 0;
        int size = 2 + lengthSize + (masked ? MaskSize : 0);
        if (bytes.Length < size)
        {
            return 0;
        }

        frame = new ClientFrame
        {
            Opcode = (FrameOpcode)(bytes[0] & 0x0f),
            IsFinal = (bytes[0] & 0x80) != 0,
            Reserved = (byte)((bytes[0] >> 4) & 7),
            IsMasked = masked,
            Mask = masked ? MemoryMarshal.Read<uint>(bytes[(size - MaskSize)..]) : 0,
            Length = lengthSize switch
            {
                0 => (ulong)shortLength,
                2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
                _ => BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            },
        };
        return size;
    }

    /// <summary>Removes the mask from a part of the payload. Returns the mask for what follows.</summary>
    internal static uint Unmask(Span<byte> bytes, uint mask)
    {
        if (mask == 0)
        {
            return 0;
        }

        int done = 0;
        if (bytes.Length >= Vector<byte>.Count)
        {
            Vector<byte> pattern = Vector.AsVectorByte(new Vector<uint>(mask));
            for (; done <= bytes.Length - Vector<byte>.Count; done += Vector<byte>.Count)
            {
                Span<byte> part = bytes[done..];
                (new Vector<byte>(part) ^ pattern).CopyTo(part);
            }
        }

        // A vector has a multiple of four bytes, so the mask begins anew here.
        Span<byte> key = stackalloc byte[MaskSize];
        MemoryMarshal.Write(key, mask);
        for (int i = done; i < bytes.Length; i++)
        {
            bytes[i] ^= key[i & 3];
        }

        int turn = (bytes.Length & 3) * 8;
        return BitConverter.IsLittleEndian ? BitOperations.RotateRight(mask, turn) : BitOperations.RotateLeft(mask, turn);
    }
}
