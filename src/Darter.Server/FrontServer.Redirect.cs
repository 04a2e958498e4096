using System.Net;
using System.Net.Sockets;
using Darter.Server.Applications;
using Darter.Server.Configuration;
using Darter.Server.Listeners;
using Darter.Server.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Darter.Server;

/// <summary>Addresses that speak http and only send clients to https: a server of its own, so that no request on the others is looked at for it.</summary>
public sealed partial class FrontServer
{
    private readonly List<ListenOptions> _redirectListeners = [];
    private KestrelServer? _redirect;

    /// <summary>Where clients are sent to https from, once it is started.</summary>
    internal IEnumerable<EndPoint> RedirectEndPoints => _redirectListeners.Select(listener => listener.EndPoint);

    /// <exception cref="IOException">An address of --redirect-http cannot be listened at.</exception>
    private async Task StartRedirectAsync()
    {
        if (_config.RedirectBinds.Count == 0)
        {
            return;
        }

        KestrelServerOptions options = HttpServerSetup.CreateOptions(_config);
        foreach (BindAddress bind in _config.RedirectBinds)
        {
            foreach (EndPoint endPoint in bind.EndPoints)
            {
                options.Listen(endPoint, ConfigureRedirect);
            }
        }

        _redirect = new KestrelServer(Options.Create(options), _transport, _rejections ?? _loggers);
        FrontApplication application = new(_config, new HttpsRedirect(FindHttpsPort, _tls?.Challenges), _logs, _logger);
        try
        {
            await _redirect.StartAsync(application, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw CannotListen(exception);
        }

        foreach (ListenOptions listener in _redirectListeners)
        {
            Log.RedirectingAt(_logger, listener.SocketPath is { } path ? $"unix:{path}" : $"http://{listener.EndPoint}");
        }
    }

    private void ConfigureRedirect(ListenOptions listener)
    {
        _redirectListeners.Add(listener);
        listener.Use(_connections.Count);
        if (_config.Proxy.Protocol != ProxyProtocol.Off)
        {
            listener.Use(next => new ProxyProtocolMiddleware(next, _config.Proxy, _config.RequestHeaderTimeout, _logger).OnConnectionAsync);
        }

        if (_rejections is not null)
        {
            listener.Use(_rejections.Watch);
        }

        listener.Use(next => new Http2PriorKnowledge(next, _config.RequestHeaderTimeout).OnConnectionAsync);
    }

    /// <summary>The port of --redirect-port, else of the first address that speaks https, else the usual one: that is somebody else's affair then.</summary>
    private int FindHttpsPort() => _config.RedirectPort > 0
        ? _config.RedirectPort
        : _tlsListeners.Select(listener => listener.EndPoint).OfType<IPEndPoint>().FirstOrDefault()?.Port ?? 443;

    private async Task StopRedirectAsync(CancellationToken cancellation)
    {
        if (_redirect is not null)
        {
            await _redirect.StopAsync(cancellation).ConfigureAwait(false);
        }
    }
}
