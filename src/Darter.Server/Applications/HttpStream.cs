using System.Diagnostics;
using System.Net;
using System.Text;
using Darter.Server.Observability;
using Darter.Server.Proxies;
using Darter.Transport;
using Darter.Workers;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Applications;

/// <summary>
/// One HTTP request on its way to a worker and back. The server keeps it with the connection and uses it again.
/// </summary>
/// <remarks>
/// Who runs what: <see cref="ProcessAsync"/> and the reading of the request body run where the HTTP server runs them,
/// mostly on the connection's loop. All else runs on the pool's loop, which is the same thread unless there are several.
/// </remarks>
internal sealed partial class HttpStream : WorkerStream, ILoopWork
{
    private readonly PythonApplication _application;
    private readonly WorkerPool _pool;
    private readonly EventLoop? _connectionLoop;
    private readonly byte[] _clientHost;
    private readonly byte[] _serverHost;
    private readonly ushort _clientPort;
    private readonly ushort _serverPort;

    // The server's connection is all of these itself, for every request on it.
    private readonly IFeatureCollection _features;
    private readonly IHttpRequestFeature _request;
    private readonly IHttpRequestBodyDetectionFeature? _bodyDetection;
    private readonly IHttpResponseFeature _response;
    private readonly IHttpResponseBodyFeature _responseBody;
    private readonly IHttpRequestLifetimeFeature _lifetime;

    private readonly IPeerFinishedFeature? _peer;

    // What a web server says beside HTTP; null: the request came over HTTP.
    private readonly IGatewayRequest? _gateway;

    // What the application is told beside the request; null: nothing.
    private readonly IRequestVariables? _variables;

    private TaskCompletionSource _completion = null!;
    private CancellationTokenRegistration _requestAborted;
    private int _serial;
    private bool _completed;
    private bool _isCounted;
    private bool _clientFinishedSaid;

    internal HttpStream(PythonApplication application, IFeatureCollection features)
    {
        _application = application;
        _pool = application.Pool;
        _connectionLoop = features.Get<IEventLoopFeature>()?.Loop;
        _onFlushed = OnFlushed;

        _features = features;
        _request = features.GetRequiredFeature<IHttpRequestFeature>();
        _bodyDetection = features.Get<IHttpRequestBodyDetectionFeature>();
        _response = features.GetRequiredFeature<IHttpResponseFeature>();
        _responseBody = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        _lifetime = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();

        _observer = features is IFrontRequest ? null : application.Observer;
        _activity = _observer is null ? null : features.Get<ConnectionActivity>();
        IHttpConnectionFeature connection = features.GetRequiredFeature<IHttpConnectionFeature>();
        _clientHost = AddressText.Of(connection.RemoteIpAddress);
        _clientPort = (ushort)connection.RemotePort;
        _gateway = features.Get<IGatewayRequest>();
        _variables = _gateway ?? features.Get<IRequestVariables>();
        if (_gateway is not null)
        {
            // Without a name the worker takes that of the Host field, as on a Unix socket.
            _serverHost = _gateway.ServerName.ToArray();
            _serverPort = _serverHost.Length > 0 ? _gateway.ServerPort : (ushort)0;
        }
        else if (connection.LocalIpAddress is { } local)
        {
            _serverHost = AddressText.Of(local);
            _serverPort = (ushort)connection.LocalPort;
        }
        else
        {
            _serverHost = PathOf(features.Get<IConnectionEndPointFeature>()?.LocalEndPoint);
        }

        _proxyFields = application.FieldsOf(connection.RemoteIpAddress);
        _isProxied = application.MayBeProxied && features.Get<ProxiedConnection>() is not null;
        if ((IsHttp1 || _gateway is not null) && features.Get<IPeerFinishedFeature>() is { } peer)
        {
            _peer = peer;
            peer.PeerFinished = OnPeerFinished;
        }

        // One registration for the life of the connection; a token for each request would have to be made each time.
        features.Get<IConnectionLifetimeFeature>()?.ConnectionClosed.UnsafeRegister(
            static state => ((HttpStream)state!).PostClientGone(), this);
    }

    /// <summary>Handles a request; the task ends with the response.</summary>
    internal Task ProcessAsync()
    {
        Debug.Assert(IsIdle, "a stream was used again before the worker was done with it");
        _completed = _clientFinishedSaid = _isDetached = false;
        _serial++;
        if (_activity is not null)
        {
            _activity.IsBusy = true;
        }

        ResetRequest();
        ResetResponse();
        ResetForwarding();
        ResetObservation();
        PreparePage();
        if (_application.Config.HttpsOnly is { } policy && _gateway is null)
        {
            // A web server before this one has its own affair with its clients.
            HttpsOnlyField.Announce(policy, _request, _response);
        }

        if (_application.Config.Http3 && _gateway is null)
        {
            AlternativeService.Announce(_application.Config, _request, _response, _serverPort);
        }

        if (MayAskForWebSocket)
        {
            FindHandshake();
        }

        if (_gateway is { Refusal: var refusal and not 0 })
        {
            return RefuseAsync(refusal);
        }

        if (_application.Rules.Check(_request, asksForWebSocket: _handshake is not null, _proxyFields, out _hasProxyFields) is var status and not 0)
        {
            return RefuseAsync(status);
        }

        if (_observer?.RequestIdHeader is { } idField)
        {
            _requestId = RequestIdField.Put(_request.Headers, idField, _hasProxyFields);
        }

        if (_application.FrontHandlers is { Count: > 0 } handlers && HandleInFront(handlers) is { } handling)
        {
            return handling;
        }

        _changesCache = false;
        if (_application.Cache is { } cache && _route is not { KeepsAnswers: false } && AnswerFromCache(cache) is { } cached)
        {
            return cached;
        }

        return Forward();
    }

    /// <summary>Has the application answer the request.</summary>
    private Task Forward()
    {
        if (_application.Holder is { SignsRequests: true } holder)
        {
            _isOfOtherProxy = holder.Sign(_request.Headers);
        }

        if (_application.IsLimited && !(_isCounted = _application.TryEnter()))
        {
            return RefuseAsync(StatusCodes.Status503ServiceUnavailable);
        }

        if (!IsHttp1)
        {
            // A reset of one HTTP/2 stream closes no connection.
            _requestAborted = _lifetime.RequestAborted.UnsafeRegister(static state => ((HttpStream)state!).PostClientGone(), this);
        }

        _completion = new TaskCompletionSource();
        if (_bodyDetection is { CanHaveBody: true } && _handshake is null)
        {
            return ProcessBodyAsync();
        }

        Submit();
        return _completion.Task;
    }

    /// <summary>Called when the server is done with the request.</summary>
    internal void Release()
    {
        _requestAborted.Dispose();
        _requestAborted = default;
        ReleaseRequestBody();
        if (_cacheLookup is not null)
        {
            LeaveCache();
        }

        if (_observer is not null && !_isDetached)
        {
            Report(_observer);
        }

        if (_activity is not null)
        {
            // What is left of a body the server reads itself; what is wrong with it is no other request's trouble.
            _activity.IsBusy = _hasBody && !_bodyWhole && !_pieceIsLast;
        }

        if (_isCounted)
        {
            _isCounted = false;
            _application.Leave();
        }
    }

    /// <summary>Enters the pool; on its loop.</summary>
    void ILoopWork.Run()
    {
        StartRouteTimer();
        _pool.Add(this);
    }

    private bool IsHttp1 => _request.Protocol.Length == 8;

    private void Submit()
    {
        OnQueued();
        if (_pool.Loop.IsCurrent)
        {
            ((ILoopWork)this).Run();
        }
        else
        {
            _pool.Loop.Post(this);
        }
    }

    private void PostClientGone() => PostForThisRequest(OnClientGone);

    private void PostForThisRequest(Action action)
    {
        // By the time it is looked at, the stream may carry another request, which it does not concern.
        int serial = Volatile.Read(ref _serial);
        _pool.Loop.Post(new LoopCall(() =>
        {
            if (serial == _serial)
            {
                action();
            }
        }));
    }

    private void OnPeerFinished()
    {
        if (_pool.Loop.IsCurrent)
        {
            OnClientFinished();
        }
        else
        {
            PostForThisRequest(OnClientFinished);
        }
    }

    /// <summary>
    /// The client has ended its side of the connection. It may have left, or have nothing more to ask and wait for the
    /// answer, so an application that cannot be told anything goes on, and one that can is told once its request is whole.
    /// </summary>
    private void SayClientFinished()
    {
        if (_peer is not { PeerHasFinished: true } || _completed || _clientFinishedSaid || !IsSent || IsSendingBody)
        {
            return;
        }

        if (!IsOnEventLoop)
        {
            // Nothing is sent to a thread, which would not read it. It can look.
            _clientFinishedSaid = true;
            MarkClientFinished();
            return;
        }

        if (_asksForWebSocket)
        {
            // Nobody can want a WebSocket and never send on it, its close frame included.
            OnClientGone();
            return;
        }

        _clientFinishedSaid = true;
        SendClientFinished();
    }

    /// <summary>The client reset the connection or the stream: nobody waits any more.</summary>
    private void OnClientGone()
    {
        if (_webSocket is not null)
        {
            _webSocket.OnConnectionGone();
            return;
        }

        if (_completed || (IsIdle && _responsePhase == ResponsePhase.Waiting))
        {
            // Over, or still reading the request, which notices by itself.
            return;
        }

        if (AwaitsOpening())
        {
            return;
        }

        _pool.Cancel(this);
        StopBody();
        _parts.Clear();
        _responsePhase = ResponsePhase.Done;
        SetEnd(RequestEnd.ClientLeft);
        CompleteWhenWritten();
    }

    /// <summary>Ends the request for the HTTP server, on the connection's own loop.</summary>
    private void Complete()
    {
        if (_completed)
        {
            return;
        }

        _completed = true;
        _responsePhase = ResponsePhase.Done;
        if (_encoder is { } encoder)
        {
            // The body is broken off.
            ReleaseEncoder(encoder);
        }

        OnEnded();
        StopBody();
        StopRouteTimer();
        ForgetHeldSocket();
        if (_connectionLoop is null || _connectionLoop.IsCurrent)
        {
            _completion.SetResult();
        }
        else
        {
            _connectionLoop.Post(new LoopCall(_completion.SetResult));
        }
    }

    private async Task RefuseAsync(int status)
    {
        await WriteError(status).ConfigureAwait(false);
        OnEnded();
    }

    /// <summary>Ends a response that the front makes itself with its body.</summary>
    private async Task FinishAsync(ReadOnlyMemory<byte> body)
    {
        if (body.Length > 0)
        {
            _responseBytes += body.Length;
            await _responseBody.Writer.WriteAsync(body).ConfigureAwait(false);
        }

        OnEnded();
    }

    private static byte[] PathOf(EndPoint? endPoint)
    {
        byte[] path = Encoding.UTF8.GetBytes(endPoint?.ToString() ?? "");
        return path.Length <= byte.MaxValue ? path : path[..byte.MaxValue];
    }
}
