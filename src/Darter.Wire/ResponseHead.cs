using System.Buffers.Binary;

namespace Darter.Wire;

/// <summary>
/// Payload of <see cref="FrameType.Response"/> and <see cref="FrameType.Informational"/>: service time in nanoseconds
/// (8, only with <see cref="FrameFlags.End"/>), content length (8, -1 not known), status (2), reason length (1), zero (1),
/// reason, header block without Content-Length and the connection's own fields; then the inline body.
/// </summary>
public readonly ref struct ResponseHead
{
    /// <summary>Size of the part of fixed length, in bytes; the reason and the header block follow.</summary>
    public const int FixedSize = 20;

    private readonly ReadOnlySpan<byte> _payload;

    private ResponseHead(ReadOnlySpan<byte> payload, HeaderBlock headers, ReadOnlySpan<byte> body)
    {
        _payload = payload;
        Headers = headers;
        Body = body;
    }

    /// <summary>How long the application took, in nanoseconds; 0 when the response is not complete with this frame.</summary>
    public long ServiceTime => BinaryPrimitives.ReadInt64LittleEndian(_payload);

    /// <summary>Length of the whole body in bytes, or -1.</summary>
    public long ContentLength => BinaryPrimitives.ReadInt64LittleEndian(_payload[8..]);

    /// <summary>Status code, 100 to 999.</summary>
    public ushort Status => BinaryPrimitives.ReadUInt16LittleEndian(_payload[16..]);

    /// <summary>Reason phrase; empty for the usual one of the status.</summary>
    public ReadOnlySpan<byte> Reason => _payload.Slice(FixedSize, _payload[18]);

    /// <summary>Header fields.</summary>
    public HeaderBlock Headers { get; }

    /// <summary>The beginning of the body, or all of it.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Reads and verifies a response head.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out ResponseHead head)
    {
        head = default;
        if (payload.Length < FixedSize + 2 || payload.Length < FixedSize + payload[18] || payload[19] != 0
            || BinaryPrimitives.ReadUInt16LittleEndian(payload[16..]) is < 100 or > 999
            || BinaryPrimitives.ReadInt64LittleEndian(payload) < 0
            || BinaryPrimitives.ReadInt64LittleEndian(payload[8..]) < -1
            || !HeaderBlock.TryRead(payload[(FixedSize + payload[18])..], out HeaderBlock headers, out ReadOnlySpan<byte> body))
        {
            return false;
        }

        head = new ResponseHead(payload, headers, body);
        return true;
    }

    /// <summary>Writes all up to the header block, which the caller appends, then the body. Returns the bytes written.</summary>
    public static int Write(Span<byte> destination, int status, ReadOnlySpan<byte> reason, long contentLength)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, 0);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], contentLength);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[16..], (ushort)status);
        destination[18] = (byte)Math.Min(reason.Length, byte.MaxValue);
        destination[19] = 0;
        reason[..destination[18]].CopyTo(destination[FixedSize..]);
        return FixedSize + destination[18];
    }

    /// <summary>Fills in the service time of a head that was written to <paramref name="payload"/>.</summary>
    public static void SetServiceTime(Span<byte> payload, long nanoseconds) =>
        BinaryPrimitives.WriteInt64LittleEndian(payload, nanoseconds);

    /// <summary>Fills in the content length of a head that was written to <paramref name="payload"/>.</summary>
    public static void SetContentLength(Span<byte> payload, long contentLength) =>
        BinaryPrimitives.WriteInt64LittleEndian(payload[8..], contentLength);
}
