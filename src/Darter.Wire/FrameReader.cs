namespace Darter.Wire;

/// <summary>Cuts a sequence of bytes into frames and verifies each header. It holds no bytes: the caller keeps the buffer.</summary>
public struct FrameReader
{
    private uint _sequence;

    /// <summary>Frames read so far, modulo 2^32.</summary>
    public readonly uint Count => _sequence;

    /// <summary>
    /// Takes the next whole frame off the front of <paramref name="buffer"/>. Returns <see cref="FrameStatus.NeedMore"/>
    /// and leaves the buffer alone when the frame is not complete.
    /// </summary>
    public FrameStatus TryRead(ref ReadOnlySpan<byte> buffer, out FrameHeader header, out ReadOnlySpan<byte> payload, out FrameError error)
    {
        payload = default;
        error = FrameError.None;
        if (buffer.Length < FrameHeader.Size)
        {
            header = default;
            return FrameStatus.NeedMore;
        }

        error = FrameHeader.Read(buffer, _sequence, out header);
        if (error != FrameError.None)
        {
            return FrameStatus.Invalid;
        }

        int size = FrameHeader.Size + header.Length;
        if (buffer.Length < size)
        {
            return FrameStatus.NeedMore;
        }

        _sequence++;
        payload = buffer.Slice(FrameHeader.Size, header.Length);
        buffer = buffer[size..];
        return FrameStatus.Frame;
    }

    /// <summary>The header of the frame that <see cref="TryRead"/> would take, if there is one; it stays where it is.</summary>
    public readonly bool TryPeek(ReadOnlySpan<byte> buffer, out FrameHeader header)
    {
        header = default;
        return buffer.Length >= FrameHeader.Size
            && FrameHeader.Read(buffer, _sequence, out header) == FrameError.None
            && buffer.Length >= FrameHeader.Size + header.Length;
    }

    /// <summary>
    /// How many bytes the frame at the start of <paramref name="buffer"/> takes in all, or the size of a header while
    /// that much is not there. Only for sizing a buffer; the header is verified by <see cref="TryRead"/>.
    /// </summary>
    public static int SizeOfNext(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length < FrameHeader.Size)
        {
            return FrameHeader.Size;
        }

        uint length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(buffer);
        return FrameHeader.Size + (int)Math.Min(length, ChannelFormat.MaxPayload);
    }
}
