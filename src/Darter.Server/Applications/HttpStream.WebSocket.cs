using Darter.Server.Observability;
using Darter.Server.WebSockets;
using Darter.Wire;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Darter.Server.Applications;

/// <summary>A request that asks for a WebSocket, up to the moment when it is one.</summary>
internal sealed partial class HttpStream
{
    private const int StatusSwitchingProtocols = 101;

    private Handshake? _handshake;
    private bool _asksForWebSocket;
    private WebSocketConnection? _webSocket;

    /// <inheritdoc/>
    protected override bool CanUpgrade => _asksForWebSocket;

    private bool MayAskForWebSocket => IsHttp1 ? _request.Headers.Upgrade.Count > 0 : _request.Method == "CONNECT";

    /// <inheritdoc/>
    protected override bool Prepare(ApplicationInterface application)
    {
        if ((_hasProxyFields || MayHaveScriptName) && !ReadForwarding(application))
        {
            return false;
        }

        if (_application.SocketHub is { } hub)
        {
            if (PrepareHeldSocket(hub, application))
            {
                return true;
            }

            if (_completed)
            {
                return false;
            }
        }

        if (_handshake is null)
        {
            return true;
        }

        // To a WSGI application for which nothing holds it, it is a request like any other, valid handshake or not.
        _asksForWebSocket = application != ApplicationInterface.Wsgi;
        if (!_asksForWebSocket || _handshake.Status == 0)
        {
            return true;
        }

        Fail(_handshake.Status);
        return false;
    }

    /// <summary>The WebSocket is closed, or its connection is gone.</summary>
    /// <param name="bytes">What it sent to the client.</param>
    /// <param name="end">How it ended.</param>
    internal void EndWebSocket(long bytes, RequestEnd end)
    {
        _responseBytes = bytes;
        SetEnd(end);
        Complete();
    }

    /// <summary>Breaks the connection, or the stream of HTTP/2, off.</summary>
    internal void Abort() => _lifetime.Abort();

    private void FindHandshake() =>
        _handshake = Handshake.Find(_features, _request, _application.Config.WebSockets.PerMessageDeflate);

    private void Upgrade(scoped in ResponseHead head)
    {
        _application.Headers.Apply(head.Headers, _response.Headers);
        BeginWebSocket();
        WebSocketStream stream = new(_application, this, _request.RawTarget, _handshake!.Deflate);
        HandOver(stream);
        Start(stream.Connection, _handshake);
    }

    /// <summary>The application has accepted: completes the answer's header section.</summary>
    private void BeginWebSocket()
    {
        _responsePhase = ResponsePhase.Done;
        _status = StatusSwitchingProtocols;
        _handshake!.WriteAnswer(_response.Headers);
        if (_observer is not null)
        {
            WriteObservation(_observer);
        }

        if (IsHttp1 && _features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            // A WebSocket that takes no messages for a while is no slow loris; pings find out who is gone.
            rate.MinDataRate = null;
        }
    }

    private void Start(WebSocketConnection webSocket, Handshake handshake)
    {
        _webSocket = webSocket;
        if (_application.WebSockets.IsGoingAway)
        {
            webSocket.CloseByServer(CloseCode.GoingAway);
        }

        _ = AcceptAsync(webSocket, handshake);
    }

    private async Task AcceptAsync(WebSocketConnection webSocket, Handshake handshake)
    {
        Stream? stream = null;
        try
        {
            stream = await handshake.AcceptAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client left while the application thought about it.
        }

        await new LoopSwitch(_pool.Loop);
        if (stream is null)
        {
            webSocket.OnNotStarted();
        }
        else
        {
            webSocket.Start(stream);
        }
    }
}
