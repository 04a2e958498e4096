using System.Diagnostics;
using Darter.Server.Observability;
using Darter.Server.Proxies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Applications;

/// <summary>One request that the front answers, and its line in the access log. The server uses it again on its connection.</summary>
internal sealed class FrontRequest
{
    private readonly FrontApplication _application;
    private readonly IFeatureCollection _features;
    private readonly IHttpRequestFeature _request;
    private readonly IHttpResponseFeature _response;
    private readonly IHttpRequestLifetimeFeature _lifetime;
    private readonly ConnectionActivity? _activity;
    private readonly IGatewayRequest? _gateway;
    private readonly byte[] _clientHost;
    private readonly byte[] _serverHost;
    private readonly ushort _clientPort;
    private readonly ushort _serverPort;
    private readonly ProxyFields? _proxyFields;
    private string? _requestId;
    private bool _hasProxyFields;
    private long _startedAt;
    private long _bytes;
    private RequestEnd _end;

    internal FrontRequest(FrontApplication application, IFeatureCollection features)
    {
        _application = application;
        _features = features;
        _request = features.GetRequiredFeature<IHttpRequestFeature>();
        _response = features.GetRequiredFeature<IHttpResponseFeature>();
        _lifetime = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _activity = features.Get<ConnectionActivity>();
        _gateway = features.Get<IGatewayRequest>();
        IHttpConnectionFeature connection = features.GetRequiredFeature<IHttpConnectionFeature>();
        _clientHost = AddressText.Of(connection.RemoteIpAddress);
        _serverHost = AddressText.Of(connection.LocalIpAddress);
        _clientPort = (ushort)connection.RemotePort;
        _serverPort = (ushort)connection.LocalPort;
        _proxyFields = application.FieldsOf(connection.RemoteIpAddress);
    }

    /// <summary>Answers the request.</summary>
    internal Task ProcessAsync()
    {
        Begin();
        return Check(mayConnect: false) is var status and not 0 ? RefuseAsync(status, closes: true)
            : _application.Handler.TryHandle(_features) is { } handling ? ObserveAsync(handling)
            : RefuseAsync(StatusCodes.Status404NotFound);
    }

    /// <summary>A request has come.</summary>
    internal void Begin()
    {
        _startedAt = Stopwatch.GetTimestamp();
        _bytes = 0;
        _end = RequestEnd.Complete;
        _requestId = null;
        _hasProxyFields = false;
        if (_activity is not null)
        {
            _activity.IsBusy = true;
        }

        if (_application.ClosesConnections)
        {
            _response.Headers.Connection = "close";
        }

        if (_application.Config.HttpsOnly is { } policy && _gateway is null)
        {
            HttpsOnlyField.Announce(policy, _request, _response);
        }

        if (_application.Config.Http3 && _gateway is null)
        {
            AlternativeService.Announce(_application.Config, _request, _response, _serverPort);
        }
    }

    /// <summary>The status that the request is to be refused with, or 0.</summary>
    /// <param name="mayConnect">Whether it may ask for a tunnel.</param>
    internal int Check(bool mayConnect)
    {
        int status = _gateway is { Refusal: var refusal and not 0 } ? refusal : _application.Rules.Check(_request, mayConnect, _proxyFields, out _hasProxyFields);
        if (status == 0 && _application.Observer?.RequestIdHeader is { } field)
        {
            _requestId = RequestIdField.Put(_request.Headers, field, _hasProxyFields);
            _response.Headers[field] = _requestId;
        }

        return status;
    }

    /// <summary>Waits for the end of an answer, and notes how it came out; the result is that of <paramref name="handling"/>, 0 if it failed.</summary>
    internal async Task<long> ObserveAsync(Task<long> handling)
    {
        try
        {
            long bytes = await handling.ConfigureAwait(false);
            _bytes = Math.Max(0, bytes);
            return bytes;
        }
        catch (BadHttpRequestException exception) when (!_response.HasStarted)
        {
            // Which is an IOException, too.
            _response.Headers.Clear();
            await RefuseAsync(exception.StatusCode, closes: true).ConfigureAwait(false);
        }
        catch (AnswerBrokenOffException)
        {
            _end = RequestEnd.BrokenOff;
            _lifetime.Abort();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            _end = RequestEnd.ClientLeft;
            _lifetime.Abort();
        }

        return 0;
    }

    /// <summary>Answers with a status and a line that names it.</summary>
    /// <param name="status">The status.</param>
    /// <param name="closes">Whether the connection ends then: the request was not read to its end, or is not to be trusted.</param>
    internal async Task RefuseAsync(int status, bool closes = false)
    {
        if (closes)
        {
            _response.Headers.Connection = "close";
        }

        _bytes = await PlainAnswer.WriteAsync(_features, status).ConfigureAwait(false);
    }

    /// <summary>Called when the server is done with the request.</summary>
    internal void Release(Exception? exception)
    {
        if (_activity is not null)
        {
            _activity.IsBusy = false;
        }

        if (exception is not null)
        {
            _end = RequestEnd.BrokenOff;
            FrontApplication.Log.Failed(_application.Logger, _request.Method, _request.RawTarget, exception);
        }

        if (_application.Observer is { } observer)
        {
            Report(observer);
        }
    }

    private void Report(RequestObserver observer)
    {
        int status = _end == RequestEnd.ClientLeft && !_response.HasStarted ? RequestRecord.StatusClientLeft : _response.StatusCode;
        long duration = Stopwatch.GetTimestamp() - _startedAt;
        observer.Statsd?.Request(status, Stopwatch.GetElapsedTime(0, duration));
        if (observer.AccessLog is not { } log)
        {
            return;
        }

        byte[]? told = _hasProxyFields ? ForwardedClient.HostOf(_request.Headers, _application.Config.Proxy.Forwarders) : null;
        log.Write(new RequestRecord
        {
            Request = _request,
            Response = _response,
            Status = status,
            End = _end,
            Bytes = _bytes,
            Duration = duration,
            Queued = -1,
            ClientHost = told ?? _clientHost,
            ClientPort = told is null ? _clientPort : (ushort)0,
            ServerHost = _serverHost,
            ServerPort = _serverPort,
            IsHttps = (_hasProxyFields ? ForwardedScheme.Read(_request.Headers) : null) ?? _request.Scheme == "https",
            ProcessId = Environment.ProcessId,
            Id = log.WantsRequestId ? _requestId ??= RequestIdGenerator.Next() : null,
        });
    }
}
