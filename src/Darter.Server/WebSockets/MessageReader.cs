using System.Buffers;
using System.Buffers.Binary;
using System.Text.Unicode;
using Darter.Wire;

namespace Darter.Server.WebSockets;

/// <summary>
/// Reads what a client sends on a WebSocket (RFC 6455, sections 5 to 7): messages, put together from their frames,
/// decompressed and checked, and control frames. It keeps no bytes: the caller's buffer has what was not read.
/// </summary>
/// <param name="maxSize">Largest message in bytes, after decompression.</param>
/// <param name="deflate">Whether permessage-deflate (RFC 7692) was agreed on.</param>
internal sealed class MessageReader(long maxSize, bool deflate) : IDisposable
{
    /// <summary>What a buffer must have room for: the longest header with the payload of a control frame.</summary>
    internal const int LeastBuffer = ClientFrame.MaxHeaderSize + ClientFrame.MaxControlPayload;

    private const int InflateSize = 16 * 1024;
    private const byte Reserved1 = 4;

    private MessageInflater? _inflater;
    private byte[]? _inflated;
    private Utf8Check _utf8;
    private long _size;
    private long _frameLeft;
    private uint _mask;
    private bool _inMessage;
    private bool _inFrame;
    private bool _frameIsFinal;
    private bool _isCompressed;
    private bool _inflating;

    /// <summary>With <see cref="MessageEvent.Piece"/>: the kind of the message.</summary>
    internal MessageKind Kind { get; private set; }

    /// <summary>With <see cref="MessageEvent.Piece"/>: whether it is the last one of its message.</summary>
    internal bool IsLast { get; private set; }

    /// <summary>
    /// With <see cref="MessageEvent.Close"/> the client's code, <see cref="CloseCode.None"/> if it gave none; with
    /// <see cref="MessageEvent.Failed"/> the code to close with.
    /// </summary>
    internal ushort Code { get; private set; }

    /// <summary>
    /// Reads on in <paramref name="buffer"/> and takes off its front what it has read.
    /// </summary>
    /// <param name="buffer">What came from the client; it is changed in place.</param>
    /// <param name="limit">Most bytes of a piece, at least 1.</param>
    /// <param name="bytes">The piece, the payload of a ping or pong, the reason of a close, or why it failed. Good until the
    /// next call.</param>
    internal MessageEvent Read(ref Memory<byte> buffer, int limit, out ReadOnlySpan<byte> bytes)
    {
        if (_inflater is null && _inflated is not null)
        {
            ReturnInflated();
        }

        while (true)
        {
            if (_inflating)
            {
                MessageEvent found = Inflate(limit, out bytes);
                if (found != MessageEvent.NeedMore)
                {
                    return found;
                }
            }

            if (_inFrame)
            {
                if (buffer.IsEmpty && _frameLeft > 0)
                {
                    bytes = default;
                    return MessageEvent.NeedMore;
                }

                MessageEvent found = ReadPayload(ref buffer, limit, out bytes);
                if (found != MessageEvent.NeedMore)
                {
                    return found;
                }
            }
            else
            {
                MessageEvent found = ReadHeader(ref buffer, out bytes);
                if (found != MessageEvent.NeedMore || !_inFrame)
                {
                    return found;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        EndInflating();
        ReturnInflated();
    }

    private MessageEvent ReadHeader(ref Memory<byte> buffer, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        int size = ClientFrame.TryRead(buffer.Span, out ClientFrame frame);
        if (size == 0)
        {
            return MessageEvent.NeedMore;
        }

        if (Verify(frame) is { Length: > 0 } error)
        {
            return Fail(CloseCode.ProtocolError, error, out bytes);
        }

        if (frame.IsControl)
        {
            if (buffer.Length < size + (int)frame.Length)
            {
                return MessageEvent.NeedMore;
            }

            Span<byte> payload = buffer.Span.Slice(size, (int)frame.Length);
            ClientFrame.Unmask(payload, frame.Mask);
            buffer = buffer[(size + payload.Length)..];
            return ReadControl(frame.Opcode, payload, out bytes);
        }

        buffer = buffer[size..];
        if (frame.Opcode != FrameOpcode.Continuation)
        {
            _inMessage = true;
            _isCompressed = frame.Reserved == Reserved1;
            _size = 0;
            _utf8 = default;
            Kind = frame.Opcode == FrameOpcode.Text ? MessageKind.Text : MessageKind.Binary;
        }

        if (!_isCompressed && (long)frame.Length > maxSize - _size)
        {
            return Fail(CloseCode.TooBig, "message too big"u8, out bytes);
        }

        _frameLeft = (long)frame.Length;
        _frameIsFinal = frame.IsFinal;
        _mask = frame.Mask;
        _inFrame = true;
        return MessageEvent.NeedMore;
    }

    private ReadOnlySpan<byte> Verify(scoped in ClientFrame frame)
    {
        bool mayBeCompressed = deflate && frame.Opcode is (FrameOpcode.Text or FrameOpcode.Binary);
        if (frame.Reserved != 0 && !(mayBeCompressed && frame.Reserved == Reserved1))
        {
            return "reserved bits are set"u8;
        }

        if (!frame.IsMasked)
        {
            return "frame is not masked"u8;
        }

        if (frame.Length > long.MaxValue)
        {
            return "invalid length"u8;
        }

        switch (frame.Opcode)
        {
            case FrameOpcode.Continuation:
                return _inMessage ? default : "nothing to continue"u8;
            case FrameOpcode.Text or FrameOpcode.Binary:
                return _inMessage ? "message within a message"u8 : default;
            case FrameOpcode.Close or FrameOpcode.Ping or FrameOpcode.Pong:
                return !frame.IsFinal ? "fragmented control frame"u8
                    : frame.Length > ClientFrame.MaxControlPayload ? "control frame too long"u8
                    : default;
            default:
                return "unknown opcode"u8;
        }
    }

    private MessageEvent ReadControl(FrameOpcode opcode, ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> bytes)
    {
        bytes = payload;
        switch (opcode)
        {
            case FrameOpcode.Ping:
                return MessageEvent.Ping;
            case FrameOpcode.Pong:
                return MessageEvent.Pong;
            default:
                Code = CloseCode.None;
                if (payload.IsEmpty)
                {
                    return MessageEvent.Close;
                }

                if (payload.Length == 1 || !CloseCode.IsAllowed(BinaryPrimitives.ReadUInt16BigEndian(payload)))
                {
                    return Fail(CloseCode.ProtocolError, "invalid close code"u8, out bytes);
                }

                if (!Utf8.IsValid(payload[2..]))
                {
                    return Fail(CloseCode.InvalidData, "invalid UTF-8"u8, out bytes);
                }

                Code = BinaryPrimitives.ReadUInt16BigEndian(payload);
                bytes = payload[2..];
                return MessageEvent.Close;
        }
    }

    private MessageEvent ReadPayload(ref Memory<byte> buffer, int limit, out ReadOnlySpan<byte> bytes)
    {
        int count = (int)Math.Min(_frameLeft, _isCompressed ? buffer.Length : Math.Min(buffer.Length, limit));
        Memory<byte> payload = buffer[..count];
        buffer = buffer[count..];
        _mask = ClientFrame.Unmask(payload.Span, _mask);
        _frameLeft -= count;
        _inFrame = _frameLeft > 0;
        bool last = !_inFrame && _frameIsFinal;
        if (_isCompressed)
        {
            (_inflater ??= new MessageInflater()).Feed(payload, last);
            _inflating = true;
            bytes = default;
            return MessageEvent.NeedMore;
        }

        if (count == 0 && !last)
        {
            bytes = default;
            return MessageEvent.NeedMore;
        }

        return Deliver(payload.Span, last, out bytes);
    }

    private MessageEvent Inflate(int limit, out ReadOnlySpan<byte> bytes)
    {
        _inflated ??= ArrayPool<byte>.Shared.Rent(InflateSize);
        Span<byte> room = _inflated.AsSpan(0, Math.Min(_inflated.Length, limit));
        int count = 0;
        int read;
        try
        {
            do
            {
                read = _inflater!.Read(room[count..]);
                count += read;
            }
            while (read > 0 && count < room.Length);
        }
        catch (InvalidDataException)
        {
            return Fail(CloseCode.InvalidData, "invalid compressed data"u8, out bytes);
        }

        // When the room is full there may be more, or nothing.
        bool exhausted = count < room.Length;
        bool last = exhausted && _inflater.IsLast;
        _inflating = !exhausted;
        if (count == 0 && !last)
        {
            bytes = default;
            return MessageEvent.NeedMore;
        }

        if (count > maxSize - _size)
        {
            return Fail(CloseCode.TooBig, "message too big"u8, out bytes);
        }

        if (last)
        {
            // The piece lies in the array, which stays until the next call.
            EndInflating();
        }

        return Deliver(room[..count], last, out bytes);
    }

    private MessageEvent Deliver(ReadOnlySpan<byte> piece, bool last, out ReadOnlySpan<byte> bytes)
    {
        _size += piece.Length;
        if (Kind == MessageKind.Text && !_utf8.Accept(piece, last))
        {
            return Fail(CloseCode.InvalidData, "invalid UTF-8"u8, out bytes);
        }

        IsLast = last;
        _inMessage = !last;
        bytes = piece;
        return MessageEvent.Piece;
    }

    private MessageEvent Fail(ushort code, ReadOnlySpan<byte> reason, out ReadOnlySpan<byte> bytes)
    {
        EndInflating();
        Code = code;
        bytes = reason;
        return MessageEvent.Failed;
    }

    private void EndInflating()
    {
        _inflating = false;
        _inflater?.Dispose();
        _inflater = null;
    }

    private void ReturnInflated()
    {
        if (_inflated is { } array)
        {
            _inflated = null;
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
