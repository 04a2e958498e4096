using System.Net;
using Darter.Server.Configuration;
using Darter.Server.Listeners;
using Darter.Server.Tls;
using Darter.Transport;

namespace Darter.Server;

/// <summary>
/// HTTP/3 at the addresses that speak https, over UDP. Its sockets are msquic's, so that they cannot be handed to another front:
/// that one opens its own when this one has given way.
/// </summary>
public sealed partial class FrontServer
{
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _http3Ends = new();
    private readonly CancellationTokenSource _http3Limit = new();
    private readonly Dictionary<EndPoint, EndPoint> _opened = new(ReferenceEqualityComparer.Instance);
    private Http3Server? _http3;
    private Task _http3Start = Task.CompletedTask;
    private Task? _http3Stop;

    /// <summary>Begins to serve it, before there are workers that could inherit its sockets; a front that another one gives way to, once that is so.</summary>
    /// <exception cref="IOException">An address cannot be listened at.</exception>
    private async Task StartHttp3Async()
    {
        if (_config.Http3 && !_isSuccessor)
        {
            await OpenHttp3Async().ConfigureAwait(false);
        }
    }

    private void SucceedHttp3()
    {
        if (_config.Http3 && _isSuccessor)
        {
            _http3Start = RetryHttp3Async();
        }
    }

    /// <summary>The front before this one has its sockets for as long as it answers requests that were under way.</summary>
    private async Task RetryHttp3Async()
    {
        using PeriodicTimer timer = new(s_retryInterval);
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                await OpenHttp3Async().ConfigureAwait(false);
                return;
            }
            catch (IOException exception)
            {
                if (isFirst)
                {
                    Log.WaitingForHttp3(_logger, exception.Message);
                }
            }

            try
            {
                await timer.WaitForNextTickAsync(_http3Ends.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task OpenHttp3Async()
    {
        Http3Server server = new(HttpServerSetup.CreateOptions(_config), _tls!, _rejections ?? _loggers);
        IPEndPoint[] endPoints = [.. _config.Binds.Where(bind => bind is { Protocol: ListenerProtocol.Http, IsTls: not false }).SelectMany(bind => bind.EndPoints).Select(endPoint => _opened[endPoint]).OfType<IPEndPoint>()];
        try
        {
            await (_routed is { } routed
                ? server.StartAsync(endPoints, routed, _connections.CountMultiplexed)
                : server.StartAsync(endPoints, _apps[0].Application, _connections.CountMultiplexed)).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw new IOException(
                $"Cannot listen for HTTP/3 at UDP {string.Join(", ", endPoints.Select(endPoint => endPoint.ToString()))}: {exception.Message.TrimEnd('.')}. "
                    + "Do without it (--http3), or see that nothing else has the port; one below 1024 is opened after the user has changed (--user).",
                exception);
        }

        // msquic's are inherited.
        OpenSockets.CloseOnExec();
        _http3 = server;
        Array.ForEach(endPoints, endPoint => Log.Http3At(_logger, $"https://{endPoint}"));
    }

    /// <summary>No new connections; the clients of those there are learn that they are to make others, and have until it is cancelled.</summary>
    private async Task StopHttp3Async(CancellationToken cancellation)
    {
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(static limit => ((CancellationTokenSource)limit!).Cancel(), _http3Limit);
        await (_http3Stop ??= StopHttp3CoreAsync()).ConfigureAwait(false);
    }

    private async Task StopHttp3CoreAsync()
    {
        await _http3Ends.CancelAsync().ConfigureAwait(false);
        await _http3Start.ConfigureAwait(false);
        if (_http3 is { } server)
        {
            await server.StopAsync(_http3Limit.Token).ConfigureAwait(false);
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Gives the sockets up for the next front, which waits for them, as soon as the requests at hand are answered.</summary>
    private void LeaveHttp3()
    {
        _http3Limit.CancelAfter(_config.GracefulTimeout);
        _http3Stop ??= StopHttp3CoreAsync();
    }

    private void DisposeHttp3()
    {
        _http3Ends.Dispose();
        _http3Limit.Dispose();
    }
}
