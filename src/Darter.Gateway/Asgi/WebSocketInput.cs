using Darter.CPython;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>Messages of the client that the application has not taken, and how much more the front may send.</summary>
internal sealed class WebSocketInput(AsgiServer server, AsgiExchange exchange)
{
    /// <summary>The window is topped up when this much was taken.</summary>
    private const int GrantStep = ChannelFormat.InitialRequestWindow / 2;

    private readonly Queue<WaitingMessage> _messages = new();
    private ByteQueue? _pieces;
    private MessageKind _kind;
    private long _allowed;
    private int _taken;

    /// <summary>Makes it ready for a WebSocket.</summary>
    public void Begin()
    {
        _allowed = ChannelFormat.InitialRequestWindow;
        _kind = 0;
        _taken = 0;
    }

    /// <summary>Drops what the application has not taken.</summary>
    public void End()
    {
        _pieces = null;
        _kind = 0;
        while (_messages.TryDequeue(out WaitingMessage message))
        {
            message.Drop();
        }
    }

    /// <summary>Adds the payload of a MESSAGE frame. False: it is not one, or more than was granted.</summary>
    public bool TryAdd(ReadOnlySpan<byte> payload, bool isLast)
    {
        if (!payload.IsEmpty && (MessageKind)payload[0] is MessageKind.Ping or MessageKind.Pong)
        {
            return TryAddControl((MessageKind)payload[0], payload[1..], isLast);
        }

        if (payload.IsEmpty || (MessageKind)payload[0] is not (MessageKind.Text or MessageKind.Binary) || _allowed <= 0
            || (_kind != 0 && _kind != (MessageKind)payload[0]))
        {
            return false;
        }

        ReadOnlySpan<byte> piece = payload[1..];
        _kind = (MessageKind)payload[0];
        int charge = Math.Max(piece.Length, server.LeastMessageCharge);
        _allowed -= charge;
        if (!isLast)
        {
            // How large a message may become is the front's to watch; its rest can come only if its beginning is granted.
            (_pieces ??= new ByteQueue()).Add(piece);
            Grant(charge);
            return true;
        }

        if (_pieces is null)
        {
            Enqueue(_kind, piece, charge);
        }
        else
        {
            _pieces.Add(piece);
            Enqueue(_kind, _pieces.Waiting, charge);
            _pieces = null;
        }

        _kind = 0;
        return true;
    }

    /// <summary>Takes the oldest message, as what receive() gives. False: there is none. NULL: a Python error is set.</summary>
    public bool TryTake(out NewReference message)
    {
        message = default;
        if (!_messages.TryDequeue(out WaitingMessage oldest))
        {
            return false;
        }

        message = oldest.Kind is MessageKind.Ping or MessageKind.Pong
            ? server.Messages.WebSocketControl(oldest.Data.Borrow(), oldest.Kind == MessageKind.Ping)
            : server.Messages.WebSocketReceive(oldest.Data.Borrow(), oldest.Kind == MessageKind.Text);
        oldest.Drop();
        Grant(oldest.Charge);
        return true;
    }

    /// <summary>A ping or pong comes between the pieces of a message, too.</summary>
    private bool TryAddControl(MessageKind kind, ReadOnlySpan<byte> data, bool isLast)
    {
        if (!isLast || data.Length > CloseMessage.MaxSize || _allowed <= 0)
        {
            return false;
        }

        int charge = Math.Max(data.Length, server.LeastMessageCharge);
        _allowed -= charge;
        Enqueue(kind, data, charge);
        return true;
    }

    private void Enqueue(MessageKind kind, ReadOnlySpan<byte> data, int charge)
    {
        NewReference made = kind == MessageKind.Text ? PythonText.FromUtf8(data) : PythonText.Bytes(data);
        if (made.IsNull)
        {
            throw new InvalidOperationException("out of memory");
        }

        _messages.Enqueue(new WaitingMessage(new HeldReference(made), kind, charge));
    }

    private void Grant(int bytes)
    {
        _taken += bytes;
        if (_taken >= GrantStep && !exchange.IsStreamEnded)
        {
            server.Channel.Writer.WriteWindow(exchange.Stream, _taken);
            server.OnWritten();
            _allowed += _taken;
            _taken = 0;
        }
    }

    private readonly record struct WaitingMessage(HeldReference Data, MessageKind Kind, int Charge)
    {
        public void Drop()
        {
            HeldReference data = Data;
            data.Clear();
        }
    }
}
