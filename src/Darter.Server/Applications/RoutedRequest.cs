using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Applications;

/// <summary>One request, and the route that it takes. The server uses it again on its connection.</summary>
internal sealed class RoutedRequest
{
    private readonly RoutedApplication _application;
    private readonly IFeatureCollection _features;
    private readonly IHttpRequestFeature _request;
    private readonly IHttpResponseFeature _response;
    private readonly FrontRequest _front;

    // One for each application that was asked on this connection: a few at most.
    private readonly List<(PythonApplication Application, HttpStream Stream)> _streams = [];
    private RoutedSite _site;
    private HttpStream? _stream;
    private IRoute? _route;
    private string _target = "";
    private bool _finishesHead;

    internal RoutedRequest(RoutedApplication application, IFeatureCollection features)
    {
        _application = application;
        _site = application.Site;
        _features = features;
        _request = features.GetRequiredFeature<IHttpRequestFeature>();
        _response = features.GetRequiredFeature<IHttpResponseFeature>();
        _front = new FrontRequest(application.Front, features);
    }

    /// <summary>Handles the request; the task ends with the response.</summary>
    internal Task ProcessAsync()
    {
        _site = _application.Site;
        _stream = null;
        _route = null;
        _finishesHead = false;
        _target = _request.RawTarget;
        _front.Begin();
        foreach (IFrontHandler handler in _application.FrontHandlers)
        {
            if (handler.TryHandle(_features) is { } handling)
            {
                return _front.ObserveAsync(handling);
            }
        }

        return TakeRoute(from: 0);
    }

    /// <summary>Called when the server is done with the request.</summary>
    internal void Release(Exception? exception)
    {
        // The log tells what the client asked for.
        _request.RawTarget = _target;
        if (_stream is { } stream)
        {
            stream.Release();
        }
        else
        {
            _front.Release(exception);
        }
    }

    private Task TakeRoute(int from)
    {
        if (!_site.Router.TryFind(_features, from, out RouteHit hit))
        {
            return RefuseAsync(StatusCodes.Status400BadRequest, closes: true);
        }

        _route = hit.Route;
        if (hit.Route is not { } route)
        {
            return _site.Default is { } application ? AskAsync(application, RouteSettings.Default) : RefuseAsync(StatusCodes.Status404NotFound);
        }

        if (route.App is null)
        {
            bool mayConnect = _features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };
            if (_front.Check(mayConnect) is var status and not 0)
            {
                return RefuseAsync(status, closes: true);
            }
        }

        FinishHead();
        return route.Admit(hit, _features) is { } admission ? AwaitAdmissionAsync(hit, route, admission) : EnterAsync(hit, route);
    }

    private async Task AwaitAdmissionAsync(RouteHit hit, IRoute route, Task<long> admission)
    {
        if (await _front.ObserveAsync(admission).ConfigureAwait(false) < 0)
        {
            await EnterAsync(hit, route).ConfigureAwait(false);
        }
    }

    private Task EnterAsync(in RouteHit hit, IRoute route)
    {
        route.Prepare(hit, _features);
        return route.App is { } name
            ? _site.Applications.TryGetValue(name, out PythonApplication? application) ? AskAsync(application, route.Settings) : RefuseAsync(StatusCodes.Status404NotFound)
            : AnswerAsync(hit, route);
    }

    private async Task AnswerAsync(RouteHit hit, IRoute route)
    {
        if (await _front.ObserveAsync(route.AnswerAsync(hit, _features, _target)).ConfigureAwait(false) < 0)
        {
            // Files had nothing for it.
            _request.RawTarget = _target;
            await TakeRoute(hit.Index + 1).ConfigureAwait(false);
        }
    }

    /// <summary>Has an application answer.</summary>
    private Task AskAsync(PythonApplication application, RouteSettings settings)
    {
        FinishHead();
        _stream = StreamTo(application);
        _stream.Take(settings, _request.RawTarget == _target ? null : RequestTarget.Reduce(_target));
        return _stream.ProcessAsync();
    }

    private HttpStream StreamTo(PythonApplication application)
    {
        foreach ((PythonApplication known, HttpStream stream) in _streams)
        {
            if (known == application)
            {
                return stream;
            }
        }

        HttpStream made = new(application, _features);
        _streams.Add((application, made));
        return made;
    }

    private Task RefuseAsync(int status, bool closes = false) => _front.RefuseAsync(status, closes);

    /// <summary>Has the head of the response changed as the route says that has the request in the end, and the connection closed if this front leaves.</summary>
    private void FinishHead()
    {
        if (_finishesHead || (_route is not { ChangesHead: true } && !_application.IsLeaving))
        {
            return;
        }

        _finishesHead = true;
        _response.OnStarting(
            static state =>
            {
                RoutedRequest request = (RoutedRequest)state;
                request._route?.FinishHead(request._response.Headers);
                if (request._application.IsLeaving)
                {
                    ConnectionEnd.Announce(request._features, request._request, request._response);
                }

                return Task.CompletedTask;
            },
            this);
    }
}
