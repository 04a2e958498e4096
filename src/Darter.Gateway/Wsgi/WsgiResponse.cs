using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

/// <summary>The response of the request that runs: its head as start_response gave it, and how much of it was sent.</summary>
internal sealed unsafe class WsgiResponse(WsgiServer server, Channel channel, WsgiRequest request)
{
    private readonly ResponseHeaders _headers = new(new ResponseFieldName());
    private readonly ResponseStatus _statuses = new();
    private readonly byte[] _reason = new byte[byte.MaxValue];
    private int _reasonLength;
    private int _headLength;
    private int _status;
    private long _contentLength;
    private long _sent;
    private long _window;
    private bool _loggedDroppedField;
    private bool _loggedTooLong;

    /// <summary>Whether start_response was called.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>Whether the head is on its way, so that it cannot be changed.</summary>
    public bool IsHeadSent { get; private set; }

    /// <summary>Whether the stream has ended.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Whether no body may be sent, whatever the application gives.</summary>
    public bool IsBodyless => IsStarted && !HasBody;

    private bool HasBody => !request.IsHead && _status is not (204 or 304);

    /// <summary>Makes it ready for the next request.</summary>
    public void Reset()
    {
        IsStarted = IsHeadSent = IsComplete = false;
        _window = ChannelFormat.InitialResponseWindow;
        _sent = 0;
    }

    /// <summary>Takes the head. False: it is not valid; a Python error is set.</summary>
    public bool TryStart(BorrowedReference status, BorrowedReference headers)
    {
        IsStarted = false;
        if (!_statuses.TryGet(status, out _status, out ReadOnlySpan<byte> reason))
        {
            return false;
        }

        reason.CopyTo(_reason);
        _reasonLength = reason.Length;
        if (!_headers.TrySet(headers))
        {
            return false;
        }

        _contentLength = _headers.ContentLength;
        if (_headers.DroppedField && !_loggedDroppedField)
        {
            _loggedDroppedField = true;
            channel.Log(WorkerLogLevel.Warning, "the application sets header fields that belong to the connection (Connection, Transfer-Encoding, ...); they are dropped");
        }

        IsStarted = true;
        return true;
    }

    /// <summary>The front lets more of the body through.</summary>
    public void Grant(uint bytes) => _window += bytes;

    /// <summary>The length of the whole body is known before any of it is sent.</summary>
    public void SetLength(long total)
    {
        // A 304 has the length that a 200 would have had, which only the application knows (RFC 9110, 8.6).
        if (!IsHeadSent && _contentLength < 0 && _status != 304)
        {
            _contentLength = _status == 204 ? 0 : total;
        }
    }

    /// <summary>Sends several pieces that are the whole body: in one frame if they fit in one. The length was set.</summary>
    public SendOutcome WriteAll(BorrowedReference tuple, nint count, long total)
    {
        if (HasBody && _contentLength >= 0 && _sent + total > _contentLength)
        {
            LogTooLong();
        }

        if (!HasBody || total != _contentLength || total > ChannelFormat.MaxBodyChunk || IsHeadSent)
        {
            return WriteEach(tuple, count);
        }

        Span<byte> place = BeginHead((int)total, isComplete: true);
        for (nint i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> piece = PythonText.BytesOf(PyApi.PyTuple_GetItem(tuple, i));
            piece.CopyTo(place);
            place = place[piece.Length..];
        }

        CompleteHead((int)total, isComplete: true);
        return SendOutcome.Complete;
    }

    /// <summary>Sends a piece of the body, the head before it if need be.</summary>
    /// <param name="piece">The bytes, in memory that stays where it is while the GIL is released.</param>
    /// <param name="isLast">Whether it is known that no more follows.</param>
    public SendOutcome Write(ReadOnlySpan<byte> piece, bool isLast)
    {
        if (!HasBody)
        {
            if (isLast)
            {
                SetLength(piece.Length);
            }

            return Finish();
        }

        long left = _contentLength < 0 ? long.MaxValue : _contentLength - _sent;
        if (piece.Length > left)
        {
            LogTooLong();
            piece = piece[..(int)left];
        }

        bool isTooShort = isLast && _contentLength >= 0 && piece.Length < left;
        bool isComplete = (isLast && !isTooShort) || piece.Length == left;
        if (!IsHeadSent && !isTooShort)
        {
            if (isLast)
            {
                SetLength(piece.Length);
            }

            int inline = Math.Min(piece.Length, ChannelFormat.MaxBodyChunk);
            bool isAll = isComplete && inline == piece.Length;
            piece[..inline].CopyTo(BeginHead(inline, isAll));
            CompleteHead(inline, isAll);
            piece = piece[inline..];
        }

        SendOutcome outcome = IsComplete ? SendOutcome.Complete : isTooShort ? SendOutcome.Open : WriteBody(piece);
        return outcome == SendOutcome.Open && (isComplete || isLast) ? Finish() : outcome;
    }

    /// <summary>Sends a region of a file as the whole body: its bytes go from the file to the client past the worker.</summary>
    public SendOutcome SendFile(int descriptor, long offset, long length)
    {
        SetLength(length);
        if (!HasBody || _contentLength == 0 || length < _contentLength)
        {
            return Finish();
        }

        _ = BeginHead(0, isComplete: false);
        CompleteHead(0, isComplete: false);
        channel.WriteFile(request.Stream, descriptor, offset, _contentLength, closes: false);
        _sent = _contentLength;
        _ = Finish();
        channel.Flush();
        return SendOutcome.Complete;
    }

    /// <summary>Ends the response: no more of it comes.</summary>
    public SendOutcome Finish()
    {
        if (IsComplete)
        {
            return SendOutcome.Complete;
        }

        if (HasBody && _sent < _contentLength)
        {
            Abort(AbortReason.BodyTooShort, $"the body has {_sent} bytes, Content-Length says {_contentLength}");
        }
        else if (!IsHeadSent)
        {
            if (!request.IsHead)
            {
                SetLength(0);
            }

            _ = BeginHead(0, isComplete: true);
            CompleteHead(0, isComplete: true);
        }
        else
        {
            Span<byte> payload = channel.Writer.Begin(sizeof(long));
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(payload, server.TakeServiceTime());
            channel.Writer.Complete(FrameType.End, FrameFlags.None, request.Stream, sizeof(long));
            End();
        }

        return SendOutcome.Complete;
    }

    /// <summary>Breaks the response off.</summary>
    public void Abort(AbortReason reason, string text)
    {
        Span<byte> payload = channel.Writer.Begin(1 + System.Text.Encoding.UTF8.GetMaxByteCount(text.Length));
        payload[0] = (byte)reason;
        channel.Writer.Complete(FrameType.Abort, FrameFlags.None, request.Stream, 1 + System.Text.Encoding.UTF8.GetBytes(text, payload[1..]));
        _ = server.TakeServiceTime();
        End();
    }

    /// <summary>Replaces whatever the application started by an answer that says that it failed.</summary>
    public void Fail()
    {
        _status = 500;
        _reasonLength = 0;
        _headers.Clear();
        _headers.Add("content-type"u8, "text/plain; charset=utf-8"u8);
        _contentLength = -1;
        IsStarted = true;
        _ = Write("Internal Server Error\n"u8, isLast: true);
    }

    /// <summary>Sends the head of an informational response at once.</summary>
    public bool TryInform(int status, BorrowedReference headers, ResponseHeaders scratch)
    {
        if (!scratch.TrySet(headers))
        {
            return false;
        }

        Span<byte> payload = channel.Writer.Begin(ResponseHead.FixedSize + scratch.Block.Length);
        int length = ResponseHead.Write(payload, status, default, 0);
        scratch.Block.CopyTo(payload[length..]);
        channel.Writer.Complete(FrameType.Informational, FrameFlags.None, request.Stream, length + scratch.Block.Length);
        channel.Flush();
        return true;
    }

    private SendOutcome WriteEach(BorrowedReference tuple, nint count)
    {
        SendOutcome outcome = SendOutcome.Open;
        for (nint i = 0; i < count && outcome == SendOutcome.Open; i++)
        {
            ReadOnlySpan<byte> piece = PythonText.BytesOf(PyApi.PyTuple_GetItem(tuple, i));
            if (!piece.IsEmpty)
            {
                outcome = Write(piece, isLast: false);
            }
        }

        return outcome == SendOutcome.Open ? Finish() : outcome;
    }

    /// <summary>Begins a RESPONSE frame and returns the place for the body in it.</summary>
    private Span<byte> BeginHead(int bodyLength, bool isComplete)
    {
        ReadOnlySpan<byte> block = _headers.Block;
        Span<byte> payload = channel.Writer.Begin(ResponseHead.FixedSize + _reasonLength + block.Length + bodyLength);
        _headLength = ResponseHead.Write(payload, _status, _reason.AsSpan(0, _reasonLength), _contentLength);
        block.CopyTo(payload[_headLength..]);
        _headLength += block.Length;
        if (isComplete)
        {
            ResponseHead.SetServiceTime(payload, server.TakeServiceTime());
        }

        return payload.Slice(_headLength, bodyLength);
    }

    private void CompleteHead(int bodyLength, bool isComplete)
    {
        channel.Writer.Complete(
            FrameType.Response, isComplete ? FrameFlags.End : FrameFlags.None, request.Stream, _headLength + bodyLength);
        _window -= bodyLength;
        _sent += bodyLength;
        IsHeadSent = true;
        if (isComplete)
        {
            End();
        }
    }

    private SendOutcome WriteBody(ReadOnlySpan<byte> piece)
    {
        while (piece.Length > 0)
        {
            int least = Math.Min(piece.Length, ResponseWindow.SmallestPiece);
            if (_window < least)
            {
                SendOutcome outcome = WaitForWindow(least);
                if (outcome != SendOutcome.Open)
                {
                    return outcome;
                }
            }

            int length = (int)Math.Min(piece.Length, Math.Min(_window, ChannelFormat.MaxBodyChunk));
            channel.Writer.Write(FrameType.Body, FrameFlags.None, request.Stream, piece[..length]);
            piece = piece[length..];
            _window -= length;
            _sent += length;
            if (channel.Pending >= 2 * ChannelFormat.MaxBodyChunk)
            {
                channel.Flush();
            }
        }

        return SendOutcome.Open;
    }

    private SendOutcome WaitForWindow(int least)
    {
        while (_window < least)
        {
            if (request.IsCancelled)
            {
                Abort(AbortReason.Cancelled, "");
                return SendOutcome.Complete;
            }

            if (!server.WaitForFrame())
            {
                return SendOutcome.Error;
            }
        }

        return SendOutcome.Open;
    }

    private void End()
    {
        IsHeadSent = true;
        IsComplete = true;
        server.ReplyWritten();
    }

    /// <summary>Says once that the application sends more than it announced.</summary>
    public void LogTooLong()
    {
        if (!_loggedTooLong)
        {
            _loggedTooLong = true;
            channel.Log(WorkerLogLevel.Warning, "the application sends more than its Content-Length says; the rest is dropped");
        }
    }
}
