using Darter.CPython;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>Messages of the application on their way to the front, as far as its window allows.</summary>
internal sealed unsafe class WebSocketOutput(AsgiServer server, AsgiExchange exchange)
{
    /// <summary>With the byte of the kind a piece is as long as a piece of a body at most.</summary>
    private const int MaxPiece = ChannelFormat.MaxBodyChunk - 1;

    private Queue<WaitingMessage>? _waiting;
    private long _window;
    private int _offset;
    private byte[]? _close;
    private bool _isEnding;

    /// <summary>Whether the front has all that the application has given.</summary>
    public bool IsDrained => _waiting is null || _waiting.Count == 0;

    /// <summary>Makes it ready for a WebSocket.</summary>
    public void Begin()
    {
        _window = ChannelFormat.InitialResponseWindow;
        _close = null;
        _offset = 0;
        _isEnding = false;
    }

    /// <summary>Sends a message.</summary>
    /// <param name="kind">Text, binary or a ping.</param>
    /// <param name="owner">The object in whose memory the bytes are.</param>
    /// <param name="bytes">The bytes.</param>
    public void Send(MessageKind kind, BorrowedReference owner, ReadOnlySpan<byte> bytes)
    {
        int written = IsDrained ? Write(kind, bytes, 0) : 0;
        if (written < 0)
        {
            return;
        }

        if (IsDrained)
        {
            _offset = written;
        }

        (_waiting ??= new Queue<WaitingMessage>()).Enqueue(new WaitingMessage(kind, new HeldReference(owner.ToNew())));
    }

    /// <summary>Closes, behind the messages.</summary>
    public void Close(ushort code, ReadOnlySpan<byte> reason)
    {
        _close = new byte[2 + reason.Length];
        _ = CloseMessage.Write(_close, code, reason);
        EndIfDone();
    }

    /// <summary>Nothing more comes: the stream ends when the front has all.</summary>
    public void EndWhenDrained()
    {
        _isEnding = true;
        EndIfDone();
    }

    /// <summary>The front lets more through.</summary>
    public void OnWindow(uint bytes)
    {
        _window += bytes;
        if (IsDrained)
        {
            return;
        }

        while (_waiting!.TryPeek(out WaitingMessage message))
        {
            int written = Write(message.Kind, BytesOf(message), _offset);
            if (written >= 0)
            {
                _offset = written;
                return;
            }

            _offset = 0;
            _waiting.Dequeue().Drop();
        }

        EndIfDone();
        exchange.Waiting(AwaitedKind.Drain).Wake();
    }

    /// <summary>Drops what waits for the window.</summary>
    public void Drop()
    {
        while (_waiting is not null && _waiting.TryDequeue(out WaitingMessage message))
        {
            message.Drop();
        }

        _offset = 0;
    }

    /// <summary>The client is gone: what waits is of no use.</summary>
    public void OnPeerGone()
    {
        Drop();
        _close = null;
        EndIfDone();
    }

    /// <summary>Writes the close and the end if it is their turn.</summary>
    private void EndIfDone()
    {
        if (!IsDrained || exchange.IsStreamEnded)
        {
            return;
        }

        if (_close is { } close)
        {
            server.Channel.Writer.Write(FrameType.Close, FrameFlags.None, exchange.Stream, close);
            _close = null;
        }

        if (_isEnding)
        {
            exchange.WriteEnd();
        }
    }

    private static ReadOnlySpan<byte> BytesOf(in WaitingMessage message)
    {
        if (message.Kind != MessageKind.Text)
        {
            return PythonText.BytesOf(message.Data.Borrow());
        }

        // The object keeps its UTF-8 since it was asked for it first.
        return PythonText.TryGetUtf8(message.Data.Borrow(), out ReadOnlySpan<byte> utf8) ? utf8 : throw new InvalidOperationException("out of memory");
    }

    /// <summary>Writes as much of a message as the window allows. Returns -1 when that is all, otherwise where the rest begins.</summary>
    private int Write(MessageKind kind, ReadOnlySpan<byte> bytes, int offset)
    {
        FrameWriter writer = server.Channel.Writer;
        do
        {
            if (_window < Math.Max(ChannelFormat.LeastMessageCharge, Math.Min(bytes.Length - offset, ResponseWindow.SmallestPiece)))
            {
                return offset;
            }

            int length = (int)Math.Min(bytes.Length - offset, Math.Min(_window, MaxPiece));
            bool isLast = offset + length == bytes.Length;
            Span<byte> payload = writer.Begin(1 + length);
            payload[0] = (byte)kind;
            bytes.Slice(offset, length).CopyTo(payload[1..]);
            writer.Complete(FrameType.Message, isLast ? FrameFlags.End : FrameFlags.None, exchange.Stream, 1 + length);
            _window -= Math.Max(length, ChannelFormat.LeastMessageCharge);
            offset += length;
        }
        while (offset < bytes.Length);
        return -1;
    }

    private readonly record struct WaitingMessage(MessageKind Kind, HeldReference Data)
    {
        public void Drop()
        {
            HeldReference data = Data;
            data.Clear();
        }
    }
}
