using Darter.CPython;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>A WebSocket: the messages of the scope type "websocket".</summary>
internal sealed partial class WebSocketExchange : AsgiExchange
{
    /// <summary>Close code of a connection that was lost (RFC 6455, section 7.4.1).</summary>
    private const ushort Lost = 1006;

    private readonly WebSocketInput _input;
    private readonly WebSocketOutput _output;
    private HttpResponse? _denial;
    private WebSocketPhase _phase;
    private bool _isConnectDelivered;
    private bool _isPeerGone;
    private ushort _closeCode;
    private byte[] _closeReason = [];

    /// <summary>Creates a WebSocket.</summary>
    public WebSocketExchange(AsgiServer server)
        : base(server)
    {
        _input = new WebSocketInput(server, this);
        _output = new WebSocketOutput(server, this);
    }

    /// <inheritdoc/>
    protected override bool IsDrained => _denial?.IsDrained ?? _output.IsDrained;

    /// <inheritdoc/>
    public override bool IsDisconnected => IsCancelled || (_isPeerGone && _phase != WebSocketPhase.Closed);

    /// <summary>Begins a WebSocket.</summary>
    public void BeginHandshake(uint stream, BorrowedReference scope)
    {
        Begin(stream, scope);
        _input.Begin();
        _output.Begin();
        _denial = null;
        _phase = WebSocketPhase.Handshake;
        _isConnectDelivered = _isPeerGone = false;
        _closeCode = Lost;
        _closeReason = [];
    }

    /// <inheritdoc/>
    public override bool TryReceive(out NewReference message)
    {
        message = default;
        if (!_isConnectDelivered)
        {
            _isConnectDelivered = true;
            message = Server.Messages.WebSocketConnect();
            return true;
        }

        if (_phase == WebSocketPhase.Open && _input.TryTake(out message))
        {
            return true;
        }

        if (_isPeerGone || IsCancelled || _phase == WebSocketPhase.Closed)
        {
            message = Server.Messages.WebSocketDisconnect(_closeCode, _closeReason);
            return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public override bool TryTakeMessage(ReadOnlySpan<byte> payload, bool isLast)
    {
        // What was on its way when the application closed is of no use to it.
        if (_phase == WebSocketPhase.Closed)
        {
            return true;
        }

        if (_phase != WebSocketPhase.Open || _isPeerGone || !_input.TryAdd(payload, isLast))
        {
            return false;
        }

        if (isLast)
        {
            Waiting(AwaitedKind.Receive).Wake();
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool TryTakeClose(ushort code, ReadOnlySpan<byte> reason)
    {
        if (_isPeerGone)
        {
            return false;
        }

        _isPeerGone = true;
        if (_phase != WebSocketPhase.Closed)
        {
            _closeCode = code;
            _closeReason = reason.ToArray();
        }

        _output.OnPeerGone();
        Waiting(AwaitedKind.Receive).Wake();
        Waiting(AwaitedKind.Drain).Wake();
        return true;
    }

    /// <inheritdoc/>
    public override void OnWindow(uint bytes)
    {
        if (_denial is { } denial)
        {
            denial.OnWindow(bytes);
        }
        else
        {
            _output.OnWindow(bytes);
        }
    }

    /// <inheritdoc/>
    public override void OnReturned()
    {
        if (IsStreamEnded)
        {
            return;
        }

        switch (Leave())
        {
            case WebSocketPhase.Handshake when _isPeerGone:
                Abort(AbortReason.Cancelled, "");
                break;
            case WebSocketPhase.Handshake or WebSocketPhase.Denied:
                Server.Report(this, default, "the application returned without answering the handshake");
                Denial().Fail("returned without answering the handshake");
                break;
            case WebSocketPhase.Closed when _denial is not null:
                // The denial ends the stream when the front has all of it.
                break;
            default:
                _output.EndWhenDrained();
                break;
        }
    }

    /// <inheritdoc/>
    public override void OnRaised(string type)
    {
        if (IsStreamEnded)
        {
            return;
        }

        switch (Leave())
        {
            case WebSocketPhase.Handshake when _isPeerGone:
                Abort(AbortReason.Cancelled, "");
                break;
            case WebSocketPhase.Handshake or WebSocketPhase.Denied:
                Denial().Fail(type);
                break;
            case WebSocketPhase.Closed when _denial is not null:
                break;
            case WebSocketPhase.Open when !_isPeerGone:
                _output.Drop();
                Abort(AbortReason.ApplicationError, type);
                break;
            default:
                _output.EndWhenDrained();
                break;
        }
    }

    /// <inheritdoc/>
    public override void End()
    {
        base.End();
        _input.End();
        _output.Drop();
        _denial?.End();
    }

    /// <inheritdoc/>
    protected override void DropPending()
    {
        _output.Drop();
        _denial?.Drop();
    }

    /// <summary>The application is done: whoever still waits for a message hears that. Returns the phase until now.</summary>
    private WebSocketPhase Leave()
    {
        WebSocketPhase before = _phase;
        if (before == WebSocketPhase.Open && !_isPeerGone)
        {
            _closeCode = 1000;
        }

        _phase = WebSocketPhase.Closed;
        return before;
    }

    private HttpResponse Denial()
    {
        if (_denial is null)
        {
            _denial = new HttpResponse(Server, this);
            _denial.Begin(isHead: false);
        }

        return _denial;
    }
}
