using Darter.CPython;
using Darter.Gateway.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>
/// The response to a request: takes the application's messages and writes frames as far as the front's window allows.
/// What must wait is kept and sent when the window opens.
/// </summary>
internal sealed unsafe partial class HttpResponse(AsgiServer server, AsgiExchange exchange)
{
    private readonly Queue<ResponsePart> _pending = new();
    private AsgiHeaders? _headers;
    private AsgiHeaders? _trailers;
    private bool _isHead;
    private bool _hasTrailers;
    private bool _isHeadSent;
    private int _status;
    private byte[] _reason = [];
    private long _contentLength;
    private long _accepted;
    private long _window;

    /// <summary>What it needs next.</summary>
    public ResponsePhase Phase { get; private set; }

    /// <summary>Whether the front has all that the application has given.</summary>
    public bool IsDrained => _pending.Count == 0;

    private bool HasBody => !_isHead && _status is not (204 or 304);

    private Channel Channel => server.Channel;

    /// <summary>Makes it ready for a request.</summary>
    /// <param name="isHead">Whether the method is HEAD.</param>
    public void Begin(bool isHead)
    {
        _isHead = isHead;
        _isHeadSent = _hasTrailers = false;
        _accepted = 0;
        _window = ChannelFormat.InitialResponseWindow;
        Phase = ResponsePhase.Start;
    }

    /// <summary>Gives up what it has borrowed.</summary>
    public void End()
    {
        Drop();
        ReturnHeaders(ref _headers);
        ReturnHeaders(ref _trailers);
    }

    /// <summary>Drops what waits for the window.</summary>
    public void Drop()
    {
        while (_pending.TryDequeue(out ResponsePart? part))
        {
            part.Drop();
        }
    }

    /// <summary>The front lets more of the body through.</summary>
    public void OnWindow(uint bytes)
    {
        _window += bytes;
        if (_pending.Count > 0)
        {
            SendPending();
        }
    }

    /// <summary>Replaces whatever the application has started by an answer that says that it failed, or breaks off.</summary>
    public void Fail(string reason) => Fail(AbortReason.ApplicationError, reason);

    /// <summary>The same when the application stopped because the client had ended its side: that is no error.</summary>
    public void Abandon() => Fail(AbortReason.Cancelled, "");

    private void Fail(AbortReason abort, string reason)
    {
        Drop();
        if (_isHeadSent)
        {
            exchange.Abort(abort, reason);
        }
        else
        {
            _status = 500;
            _reason = [];
            _hasTrailers = false;
            _contentLength = -1;
            _headers ??= server.RentHeaders();
            _headers.Clear();
            _headers.Add("content-type"u8, "text/plain; charset=utf-8"u8);
            Send("Internal Server Error\n"u8, default, isLast: true);
        }

        Phase = ResponsePhase.Complete;
    }

    /// <summary>Answers with an empty body.</summary>
    public void SendEmpty(int status)
    {
        _status = status;
        _reason = [];
        _contentLength = -1;
        _headers ??= server.RentHeaders();
        _headers.Clear();
        Phase = ResponsePhase.Complete;
        Send(default, default, isLast: true);
    }

    /// <summary>Takes bytes of the body. The object behind them is NULL for bytes that are never too long to be sent at once.</summary>
    private void Send(ReadOnlySpan<byte> bytes, BorrowedReference owner, bool isLast)
    {
        if (!HasBody)
        {
            SendWithoutBody(bytes.Length, isLast);
            return;
        }

        long left = _contentLength < 0 ? long.MaxValue : _contentLength - _accepted;
        if (bytes.Length > left)
        {
            server.LogTooLong();
            bytes = bytes[..(int)left];
        }

        bool endsHere = isLast && !_hasTrailers;
        if (isLast && _contentLength >= 0 && bytes.Length < left)
        {
            Abort($"the body has {_accepted + bytes.Length} bytes, Content-Length says {_contentLength}");
            return;
        }

        _accepted += bytes.Length;
        int offset = 0;
        if (!_isHeadSent)
        {
            if (endsHere && _contentLength < 0)
            {
                _contentLength = bytes.Length;
            }

            offset = Math.Min(bytes.Length, ChannelFormat.MaxBodyChunk);
            WriteHead(bytes[..offset], endsHere && offset == bytes.Length);
        }

        if (!exchange.IsStreamEnded)
        {
            if (_pending.Count == 0)
            {
                offset += WriteBody(bytes[offset..]);
            }

            if (offset < bytes.Length)
            {
                _pending.Enqueue(new ResponsePart { Bytes = new HeldReference(owner.ToNew()), Offset = offset, Length = bytes.Length - offset });
            }

            EndIfDone();
        }
    }

    /// <summary>Sends a region of a file as a part of the body. Takes the descriptor over.</summary>
    private void SendFile(int descriptor, long offset, long length, bool isLast)
    {
        long left = _contentLength < 0 ? long.MaxValue : _contentLength - _accepted;
        if (!HasBody || length == 0 || (isLast && _contentLength >= 0 && length < left))
        {
            _ = LibC.close(descriptor);
            if (!HasBody)
            {
                SendWithoutBody(length, isLast);
            }
            else if (length == 0)
            {
                Send(default, default, isLast);
            }
            else
            {
                Abort($"the file has {length} bytes, Content-Length says {_contentLength}");
            }

            return;
        }

        if (length > left)
        {
            server.LogTooLong();
            length = left;
        }

        _accepted += length;
        if (!_isHeadSent)
        {
            if (isLast && !_hasTrailers)
            {
                _contentLength = length;
            }

            WriteHead(default, isComplete: false);
        }

        _pending.Enqueue(new ResponsePart { Offset = offset, Length = length, Descriptor = descriptor });
        SendPending();
        EndIfDone();
    }

    private void SendWithoutBody(long length, bool isLast)
    {
        if (_isHeadSent)
        {
            return;
        }

        // HEAD says the length that GET would have; 204 has none.
        if (_contentLength < 0 && ((isLast && _isHead) || _status == 204))
        {
            _contentLength = _status == 204 ? 0 : length;
        }

        WriteHead(default, isComplete: true);
    }

    private void SendPending()
    {
        while (_pending.Count > 0)
        {
            ResponsePart part = _pending.Peek();
            if (part.Descriptor >= 0)
            {
                Channel.WriteFile(exchange.Stream, part.Descriptor, part.Offset, part.Length, closes: true);
                _ = _pending.Dequeue();
                continue;
            }

            int written = WriteBody(PythonText.BytesOf(part.Bytes.Borrow()).Slice((int)part.Offset, (int)part.Length));
            if (written < part.Length)
            {
                part.Offset += written;
                part.Length -= written;
                return;
            }

            _ = _pending.Dequeue();
            part.Drop();
        }

        EndIfDone();
        exchange.Waiting(AwaitedKind.Drain).Wake();
    }

    /// <summary>Writes as much as the window allows. Returns how much that is.</summary>
    private int WriteBody(ReadOnlySpan<byte> bytes)
    {
        int written = 0;
        while (written < bytes.Length && _window >= Math.Min(bytes.Length - written, ResponseWindow.SmallestPiece))
        {
            int length = (int)Math.Min(bytes.Length - written, Math.Min(_window, ChannelFormat.MaxBodyChunk));
            Channel.Writer.Write(FrameType.Body, FrameFlags.None, exchange.Stream, bytes.Slice(written, length));
            written += length;
            _window -= length;
        }

        return written;
    }

    private void WriteHead(ReadOnlySpan<byte> body, bool isComplete)
    {
        ReadOnlySpan<byte> block = _headers!.Block;
        Span<byte> payload = Channel.Writer.Begin(ResponseHead.FixedSize + _reason.Length + block.Length + body.Length);
        int length = ResponseHead.Write(payload, _status, _reason, _contentLength);
        block.CopyTo(payload[length..]);
        length += block.Length;
        body.CopyTo(payload[length..]);
        if (isComplete)
        {
            ResponseHead.SetServiceTime(payload, server.TimeOf(exchange));
        }

        Channel.Writer.Complete(FrameType.Response, isComplete ? FrameFlags.End : FrameFlags.None, exchange.Stream, length + body.Length);
        _window -= body.Length;
        _isHeadSent = true;
        ReturnHeaders(ref _headers);
        if (isComplete)
        {
            exchange.StreamEnded();
        }
    }

    private void EndIfDone()
    {
        if (Phase != ResponsePhase.Complete || _pending.Count > 0 || exchange.IsStreamEnded)
        {
            return;
        }

        if (_trailers is { } trailers)
        {
            Channel.Writer.Write(FrameType.Trailers, FrameFlags.None, exchange.Stream, trailers.Block);
            ReturnHeaders(ref _trailers);
        }

        exchange.WriteEnd();
    }

    private void Abort(string text)
    {
        Drop();
        Phase = ResponsePhase.Complete;
        exchange.Abort(AbortReason.BodyTooShort, text);
    }

    private void ReturnHeaders(ref AsgiHeaders? headers)
    {
        if (headers is not null)
        {
            server.ReturnHeaders(headers);
            headers = null;
        }
    }
}
