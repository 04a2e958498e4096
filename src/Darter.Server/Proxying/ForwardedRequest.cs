using System.Globalization;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.SessionAffinity;

namespace Darter.Server.Proxying;

/// <summary>A request that is given to an upstream: to one destination after the other, until one answers.</summary>
internal sealed partial class ForwardedRequest
{
    private readonly Upstream _upstream;
    private readonly UpstreamConfig _config;
    private readonly TimeSpan? _timeout;
    private readonly ClusterState _cluster;
    private readonly IFeatureCollection _features;
    private readonly ClientResponse _response;
    private readonly DefaultHttpContext _context;
    private byte[]? _body;
    private List<Destination>? _tried;
    private Exception? _failure;

    internal ForwardedRequest(Upstream upstream, IFeatureCollection features, TimeSpan? timeout)
    {
        _timeout = timeout;
        _upstream = upstream;
        _config = upstream.Config;
        _cluster = upstream.Cluster;
        _features = features;

        // What is set here must not stay with the server's connection.
        FeatureCollection own = new(features);
        _response = new ClientResponse(features);
        _response.Install(own);
        _context = new DefaultHttpContext(own);
    }

    private ILogger Logger => _upstream.Site.Logger;

    private IHttpRequestFeature Request => _features.GetRequiredFeature<IHttpRequestFeature>();

    /// <summary>Whether the connection becomes a tunnel, as that of a WebSocket.</summary>
    private bool AsksForTunnel =>
        _features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } || _features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    private bool HasBody => _features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };

    /// <summary>Answers the request; returns the bytes of the body.</summary>
    internal async Task<long> RunAsync()
    {
        string target = RequestTarget.Reduce(Request.RawTarget);
        if (!_upstream.Site.Fields.TryReadScheme(_context, out bool? https))
        {
            Log.Contradiction(Logger, _upstream.Name, Request.Method, Request.RawTarget);
            return await PlainAnswer.WriteAsync(_features, StatusCodes.Status400BadRequest).ConfigureAwait(false);
        }

        LimitBody();
        if (!HasBody && !AsksForTunnel && !Idempotence.Holds(Request.Method))
        {
            // Without a body the platform would send the request once more when a connection that was kept turns out to be
            // closed; it may have been closed by this very request (RFC 9110, section 9.2.2). With one, be it empty, it does not.
            Request.Headers.ContentLength = 0;
        }

        try
        {
            await KeepBodyAsync().ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception)
        {
            return await RefuseBadRequestAsync(exception.StatusCode).ConfigureAwait(false);
        }

        int retries = _config.Retries ?? int.MaxValue;
        Destination? destination = await EnterStickyAsync().ConfigureAwait(false) ?? _upstream.Enter(_config, _tried);
        while (destination is not null)
        {
            AttemptResult result = await SendAsync(destination, target, https).ConfigureAwait(false);
            if (result is AttemptResult.Answered or AttemptResult.SocketEnded)
            {
                return _response.Bytes;
            }

            if (result == AttemptResult.ClientLeft)
            {
                throw new OperationCanceledException("The client has left.");
            }

            if (result == AttemptResult.BadRequest)
            {
                return await RefuseBadRequestAsync(_context.Response.StatusCode).ConfigureAwait(false);
            }

            _upstream.OnFailed(_config, destination);
            string cause = Attempt.CauseOf(result, _failure ?? _context.GetForwarderErrorFeature()?.Exception);
            Destination? next = null;
            if (MayTryAnother(result) && retries-- > 0)
            {
                (_tried ??= []).Add(destination);
                next = _upstream.Enter(_config, _tried);
            }

            if (next is null)
            {
                return await GiveUpAsync(destination, result, cause).ConfigureAwait(false);
            }

            Log.TryingAnother(Logger, _upstream.Name, destination.Name, Request.Method, Request.RawTarget, cause, next.Name);
            PrepareAnotherAttempt();
            destination = next;
        }

        return await RefuseAsync().ConfigureAwait(false);
    }

    private async Task<AttemptResult> SendAsync(Destination destination, string target, bool? https)
    {
        RequestTransformer transformer = new(_upstream, _config, destination, target, https);
        try
        {
            ForwarderError error = await _upstream.Site.Forwarder.SendAsync(
                _context,
                destination.State.Model.Config.Address,
                _cluster.Model.HttpClient,
                RequestConfig(),
                transformer,
                AsksForTunnel ? _upstream.Site.Stopping : CancellationToken.None).ConfigureAwait(false);
            return Attempt.Read(error, _context);
        }
        catch (InvalidOperationException) when (transformer.BodyFailure is not null)
        {
            // YARP would take the head back, which is sent.
            _failure = transformer.BodyFailure;
            return _context.RequestAborted.IsCancellationRequested ? AttemptResult.ClientLeft : AttemptResult.BrokenOff;
        }
        finally
        {
            destination.Leave();
        }
    }

    /// <summary>The version to speak. gRPC is HTTP/2 and nothing else, also where there is no TLS to agree on it.</summary>
    private ForwarderRequestConfig RequestConfig()
    {
        ForwarderRequestConfig usual = _cluster.Model.Config.HttpRequest!;
        if (_timeout is { } timeout)
        {
            usual = usual with { ActivityTimeout = timeout };
        }

        return _config.HttpVersion == UpstreamHttpVersion.Auto
            && _context.Request.ContentType is { } type && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
            ? usual with { VersionPolicy = HttpVersionPolicy.RequestVersionExact }
            : usual;
    }

    private bool MayTryAnother(AttemptResult result) => result switch
    {
        AttemptResult.NotSent => true,
        AttemptResult.NotAnswered => !_context.Response.HasStarted && Idempotence.Holds(Request.Method) && !AsksForTunnel && (!HasBody || _body is not null),
        _ => false,
    };

    private void PrepareAnotherAttempt()
    {
        _context.Response.StatusCode = StatusCodes.Status200OK;
        _context.Features.Set<IForwarderErrorFeature>(null);

        // Where the cookie led to is not available: the client is told another.
        _context.Items.Clear();
        if (_body is not null)
        {
            _context.Request.Body = new MemoryStream(_body, writable: false);
        }
    }

    private async Task<Destination?> EnterStickyAsync()
    {
        if (_cluster.Model.Config.SessionAffinity is not { } affinity)
        {
            return null;
        }

        Destination[] available = _upstream.Available;
        AffinityResult found = await _upstream.Site.Affinity.FindAffinitizedDestinationsAsync(
            _context, _cluster, affinity, [.. available.Select(destination => destination.State)], CancellationToken.None).ConfigureAwait(false);
        if (found.Status != AffinityStatus.OK || found.Destinations is not [DestinationState state])
        {
            return null;
        }

        Destination? destination = Array.Find(available, destination => destination.State == state);
        if (destination?.TryEnter(_config.MaxConnections) == true)
        {
            return destination;
        }

        _context.Items.Clear();
        return null;
    }

    /// <summary>A small body of a request that may be sent twice is kept until it is answered.</summary>
    private async Task KeepBodyAsync()
    {
        if (!HasBody || _config.Retries == 0 || _upstream.Available.Length < 2 || !Idempotence.Holds(Request.Method)
            || Request.Headers.ContentLength is not (> 0 and <= UpstreamConfig.MaxKeptBody and long length))
        {
            return;
        }

        byte[] body = new byte[length];
        await Request.Body.ReadExactlyAsync(body).ConfigureAwait(false);
        _body = body;
        _context.Request.Body = new MemoryStream(body, writable: false);
    }

    /// <summary>A length that is told was looked at; the server counts what comes in chunks.</summary>
    private void LimitBody()
    {
        if (_upstream.Site.Config.LimitRequestBody is { } limit && HasBody && Request.Headers.ContentLength is null
            && _features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature
            && !(feature.MaxRequestBodySize < limit))
        {
            feature.MaxRequestBodySize = limit;
        }
    }

    /// <summary>Nobody could be given the request.</summary>
    private Task<long> RefuseAsync()
    {
        if (_upstream.Available.Length > 0)
        {
            Log.Full(Logger, _upstream.Name, Request.Method, Request.RawTarget, _config.MaxConnections);
        }
        else
        {
            Log.NobodyThere(Logger, _upstream.Name, Request.Method, Request.RawTarget);
        }

        _context.Response.Headers.RetryAfter = "1";
        return PlainAnswer.WriteAsync(_features, StatusCodes.Status503ServiceUnavailable);
    }

    private Task<long> RefuseBadRequestAsync(int status)
    {
        _context.Response.Clear();

        // What follows on the connection cannot be told from the rest of the body.
        _context.Response.Headers.Connection = "close";
        return PlainAnswer.WriteAsync(_features, status);
    }

    private async Task<long> GiveUpAsync(Destination destination, AttemptResult result, string cause)
    {
        if (_context.Response.HasStarted)
        {
            Log.BrokenOff(Logger, _upstream.Name, destination.Name, Request.Method, Request.RawTarget, cause);
            throw new AnswerBrokenOffException();
        }

        int status = result == AttemptResult.TimedOut || cause == Attempt.ConnectTimeout ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status502BadGateway;
        string tried = _tried is { Count: > 1 } ? string.Create(CultureInfo.InvariantCulture, $", the last of {_tried.Count} destinations tried") : "";
        Log.Failed(Logger, _upstream.Name, destination.Name, Request.Method, Request.RawTarget, status, cause, tried);
        _context.Response.Clear();
        return await PlainAnswer.WriteAsync(_features, status).ConfigureAwait(false);
    }

    private static partial class Log
    {
        [LoggerMessage(710, LogLevel.Warning, "Upstream {Upstream}: {Destination} failed {Method} {Target}: {Cause}; {Next} is tried")]
        internal static partial void TryingAnother(ILogger logger, string upstream, string destination, string method, string target, string cause, string next);

        [LoggerMessage(711, LogLevel.Error, "Upstream {Upstream}: {Destination} failed {Method} {Target}, answered {Status}: {Cause}{Tried}")]
        internal static partial void Failed(ILogger logger, string upstream, string destination, string method, string target, int status, string cause, string tried);

        [LoggerMessage(712, LogLevel.Error, "Upstream {Upstream}: {Destination} failed {Method} {Target} in the middle of the response, which is broken off: {Cause}")]
        internal static partial void BrokenOff(ILogger logger, string upstream, string destination, string method, string target, string cause);

        [LoggerMessage(713, LogLevel.Warning, "Upstream {Upstream}: {Method} {Target} is answered 503, since all destinations have {Limit} requests")]
        internal static partial void Full(ILogger logger, string upstream, string method, string target, int limit);

        [LoggerMessage(714, LogLevel.Error, "Upstream {Upstream}: {Method} {Target} is answered 503, since no destination is left")]
        internal static partial void NobodyThere(ILogger logger, string upstream, string method, string target);

        [LoggerMessage(715, LogLevel.Warning, "Upstream {Upstream}: {Method} {Target} is answered 400, since its fields of --secure-scheme-headers contradict each other")]
        internal static partial void Contradiction(ILogger logger, string upstream, string method, string target);
    }
}
