using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

internal sealed unsafe partial class WsgiResponse
{
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
}
