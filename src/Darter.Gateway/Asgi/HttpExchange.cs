using Darter.CPython;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>A request: the messages of the scope type "http".</summary>
internal sealed class HttpExchange : AsgiExchange
{
    private readonly HttpResponse _response;
    private RequestBody? _body;
    private bool _isBodyDelivered;
    private bool _isDisconnectTold;

    /// <summary>Creates an exchange.</summary>
    public HttpExchange(AsgiServer server)
        : base(server) => _response = new HttpResponse(server, this);

    /// <inheritdoc/>
    protected override bool IsDrained => _response.IsDrained;

    /// <inheritdoc/>
    public override bool IsDisconnected => IsCancelled || IsTimedOut;

    /// <summary>Begins a request.</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="scope">Its scope.</param>
    /// <param name="isHead">Whether its method is HEAD.</param>
    /// <param name="body">What comes of its body, null if it has none.</param>
    public void Begin(uint stream, BorrowedReference scope, bool isHead, RequestBody? body)
    {
        Begin(stream, scope);
        _body = body;
        _isBodyDelivered = _isDisconnectTold = false;
        _response.Begin(isHead);
    }

    /// <inheritdoc/>
    public override bool TryReceive(out NewReference message)
    {
        message = default;
        if (IsDisconnected || _response.Phase == ResponsePhase.Complete)
        {
            message = Server.Messages.HttpDisconnect();
        }
        else if (_isBodyDelivered)
        {
            if (!IsClientFinished)
            {
                return false;
            }

            _isDisconnectTold = true;
            message = Server.Messages.HttpDisconnect();
        }
        else if (_body is null)
        {
            _isBodyDelivered = true;
            message = Server.Messages.HttpRequest();
        }
        else if (_body.Waiting.Length > 0 || _body.IsComplete)
        {
            message = ReceiveBody(_body);
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool TryTakeBody(ReadOnlySpan<byte> piece, bool isLast)
    {
        if (_body is null || !_body.TryAdd(piece, isLast))
        {
            return false;
        }

        Waiting(AwaitedKind.Receive).Wake();
        return true;
    }

    /// <inheritdoc/>
    public override void OnWindow(uint bytes) => _response.OnWindow(bytes);

    /// <inheritdoc/>
    public override void OnReturned()
    {
        if (_response.Phase == ResponsePhase.Complete || IsStreamEnded)
        {
            return;
        }

        if (_isDisconnectTold || IsTimedOut)
        {
            // It was told that nobody waits any more.
            _response.Abandon();
            return;
        }

        Server.Report(this, default, _response.Phase == ResponsePhase.Start
            ? "the application returned without starting a response"
            : "the application returned without completing its response");
        _response.Fail("returned without completing its response");
    }

    /// <inheritdoc/>
    public override void OnRaised(string type)
    {
        if (_response.Phase != ResponsePhase.Complete && !IsStreamEnded)
        {
            _response.Fail(type);
        }
    }

    /// <inheritdoc/>
    public override void End()
    {
        base.End();
        _response.End();
        if (_body is not null)
        {
            Server.ReturnBody(_body);
            _body = null;
        }
    }

    /// <inheritdoc/>
    protected override bool TrySend(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        if (IsDisconnected)
        {
            return RaiseDisconnected();
        }

        bool isSent = type switch
        {
            _ when type.SequenceEqual("http.response.start"u8) => _response.TryStart(type, message),
            _ when type.SequenceEqual("http.response.body"u8) => _response.TryBody(type, message),
            _ when type.SequenceEqual("http.response.zerocopysend"u8) => _response.TryZeroCopySend(type, message),
            _ when type.SequenceEqual("http.response.pathsend"u8) => _response.TryPathSend(type, message),
            _ when type.SequenceEqual("http.response.trailers"u8) => _response.TryTrailers(type, message),
            _ when type.SequenceEqual("http.response.early_hint"u8) => _response.TryEarlyHint(type, message),
            _ when type.SequenceEqual("http.response.debug"u8) => _response.TryDebug(type, message),
            _ => RaiseUnexpected(type, "a request has no such message"),
        };
        if (isSent && _response.Phase == ResponsePhase.Complete)
        {
            Waiting(AwaitedKind.Receive).Wake();
        }

        return isSent;
    }

    /// <inheritdoc/>
    protected override void DropPending() => _response.Drop();

    private NewReference ReceiveBody(RequestBody body)
    {
        _isBodyDelivered = body.IsComplete;
        NewReference message = Server.Messages.HttpRequest(body.Waiting, !body.IsComplete);
        int grant = body.Consume(body.Waiting.Length);
        if (grant > 0 && !IsStreamEnded)
        {
            Server.Channel.Writer.WriteWindow(Stream, grant);
            Server.OnWritten();
        }

        return message;
    }
}
