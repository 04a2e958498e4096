using Darter.Transport;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Applications;

/// <summary>What the route says by which the request came here, if there are routes.</summary>
internal sealed partial class HttpStream
{
    private RouteSettings? _route;

    // Path and query as the client asked for them, if the route has changed them.
    private string? _clientTarget;
    private LoopTimer? _routeTimer;

    /// <summary>The next request comes by a route.</summary>
    /// <param name="route">The route; null: there are none.</param>
    /// <param name="clientTarget">Path and query as the client asked for them; null: as they are.</param>
    internal void Take(RouteSettings? route, string? clientTarget)
    {
        _route = route;
        _clientTarget = clientTarget;
        if (_peer is not null)
        {
            // Of the streams that a connection has, one for each application, one is at work.
            _peer.PeerFinished = OnPeerFinished;
        }
    }

    private bool IsMounted => _route is { MountVariable.Length: > 0 } && _gateway is not { HasScriptName: true };

    /// <summary>The route's limit begins; on the pool's loop.</summary>
    private void StartRouteTimer()
    {
        if (_route?.Timeout is { } timeout)
        {
            (_routeTimer ??= _pool.Loop.CreateTimer(new LoopCall(OnRouteTimedOut))).Set(timeout);
        }
    }

    private void StopRouteTimer()
    {
        if (_routeTimer is { IsSet: true } timer)
        {
            timer.Cancel();
        }
    }

    private void OnRouteTimedOut()
    {
        if (_completed || _webSocket is not null || _responsePhase != ResponsePhase.Waiting)
        {
            return;
        }

        PythonApplication.Log.RequestFailed(
            _application.Logger, _request.Method, _request.RawTarget, $"answered {StatusCodes.Status504GatewayTimeout}",
            $"no response within {_route!.Timeout!.Value.TotalSeconds} s, the timeout of the route at {_route.Name}; request id {RequestId}");
        _pool.Cancel(this);
        StopBody();
        Fail(StatusCodes.Status504GatewayTimeout);
    }
}
