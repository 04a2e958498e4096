using System.Buffers.Binary;

namespace Darter.Wire;

/// <summary>Writes frames into an <see cref="OutgoingBuffer"/> and numbers them. One per direction of a channel.</summary>
public sealed class FrameWriter(OutgoingBuffer buffer)
{
    private uint _sequence;
    private int _headerOffset;

    /// <summary>Where the frames go.</summary>
    public OutgoingBuffer Buffer => buffer;

    /// <summary>
    /// Reserves a header and returns the place of a payload of at most <paramref name="maxLength"/> bytes; finish with
    /// <see cref="Complete"/>.
    /// </summary>
    public Span<byte> Begin(int maxLength)
    {
        _headerOffset = buffer.Length;
        return buffer.GetSpan(FrameHeader.Size + maxLength)[FrameHeader.Size..];
    }

    /// <summary>Finishes the frame begun last with a payload of <paramref name="length"/> bytes.</summary>
    public void Complete(FrameType type, FrameFlags flags, uint stream, int length)
    {
        buffer.Advance(FrameHeader.Size + length);
        new FrameHeader(type, flags, stream, length).Write(buffer.Written(_headerOffset), _sequence++);
    }

    /// <summary>Writes a frame with the given payload, at most <see cref="ChannelFormat.MaxPayload"/> bytes.</summary>
    public void Write(FrameType type, FrameFlags flags, uint stream, ReadOnlySpan<byte> payload = default)
    {
        payload.CopyTo(Begin(payload.Length));
        Complete(type, flags, stream, payload.Length);
    }

    /// <summary>Writes body bytes, cut into frames of at most <see cref="ChannelFormat.MaxBodyChunk"/>.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="body">The bytes; empty writes a frame only when <paramref name="end"/> is set.</param>
    /// <param name="end">Whether the body ends here (front to worker only).</param>
    public void WriteBody(uint stream, ReadOnlySpan<byte> body, bool end)
    {
        while (body.Length > ChannelFormat.MaxBodyChunk)
        {
            Write(FrameType.Body, FrameFlags.None, stream, body[..ChannelFormat.MaxBodyChunk]);
            body = body[ChannelFormat.MaxBodyChunk..];
        }

        if (body.Length > 0 || end)
        {
            Write(FrameType.Body, end ? FrameFlags.End : FrameFlags.None, stream, body);
        }
    }

    /// <summary>Grants <paramref name="bytes"/> more body bytes on a stream.</summary>
    public void WriteWindow(uint stream, int bytes)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(payload, bytes);
        Write(FrameType.Window, FrameFlags.None, stream, payload);
    }
}
