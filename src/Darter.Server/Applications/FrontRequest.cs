using System.Diagnostics;
using Darter.Server.Observability;
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
    }

    /// <summary>Answers the request.</summary>
    internal async Task ProcessAsync()
    {
        _startedAt = Stopwatch.GetTimestamp();
        _bytes = 0;
        _end = RequestEnd.Complete;
        if (_activity is not null)
        {
            _activity.IsBusy = true;
        }

        int status = _gateway is { Refusal: var refusal and not 0 } ? refusal : _application.Rules.Check(_request, asksForWebSocket: false, proxy: null, out _);
        if (status != 0)
        {
            // It was not read to its end, or is not to be trusted.
            _response.Headers.Connection = "close";
            await RefuseAsync(status).ConfigureAwait(false);
            return;
        }

        if (_application.ClosesConnections)
        {
            _response.Headers.Connection = "close";
        }

        if (_application.Handler.TryHandle(_features) is not { } handling)
        {
            await RefuseAsync(StatusCodes.Status404NotFound).ConfigureAwait(false);
            return;
        }

        try
        {
            _bytes = await handling.ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception) when (!_response.HasStarted)
        {
            // Which is an IOException, too.
            _response.Headers.Clear();
            _response.Headers.Connection = "close";
            await RefuseAsync(exception.StatusCode).ConfigureAwait(false);
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

        _application.AccessLog?.Write(new RequestRecord
        {
            Request = _request,
            Response = _response,
            Status = _end == RequestEnd.ClientLeft && !_response.HasStarted ? RequestRecord.StatusClientLeft : _response.StatusCode,
            End = _end,
            Bytes = _bytes,
            Duration = Stopwatch.GetTimestamp() - _startedAt,
            Queued = -1,
            ClientHost = _clientHost,
            ClientPort = _clientPort,
            ServerHost = _serverHost,
            ServerPort = _serverPort,
            IsHttps = _request.Scheme == "https",
            ProcessId = Environment.ProcessId,
            Id = null,
        });
    }

    private async Task RefuseAsync(int status) => _bytes = await PlainAnswer.WriteAsync(_features, status).ConfigureAwait(false);
}
