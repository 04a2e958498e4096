using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Darter.Server.Applications;
using Darter.Server.Configuration;
using Darter.Server.Files;
using Darter.Server.Files.Access;
using Darter.Server.Files.Cgi;
using Darter.Server.Listeners;
using Darter.Server.Observability;
using Darter.Server.Protocols;
using Darter.Server.Tls;
using Darter.Transport;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Darter.Server;

/// <summary>A server of files alone: the listeners and the HTTP of <see cref="FrontServer"/>, without workers.</summary>
public sealed partial class FilesServer : IAsyncDisposable
{
    private readonly FilesConfig _config;
    private readonly ILogger<FilesServer> _logger;
    private readonly EventLoopGroup _loops;
    private readonly EpollTransportFactory _transport;
    private readonly FrontApplication _application;
    private readonly KestrelServer _server;
    private readonly FolderSite _site;
    private readonly TlsServer? _tls;
    private readonly RejectedRequests? _rejections;
    private readonly List<(ListenOptions Options, ListenerProtocol Protocol)> _listeners = [];
    private Task? _stop;

    /// <summary>Composes the server; nothing is started.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">The operator's log.</param>
    /// <param name="logs">Where requests are logged.</param>
    /// <exception cref="IOException">The folder or the certificate cannot be opened; the message names it.</exception>
    public FilesServer(FilesConfig config, TimeProvider time, ILoggerFactory loggers, ServerLogs? logs = null)
    {
        _config = config;
        _logger = loggers.CreateLogger<FilesServer>();
        _tls = config.Tls is { } tls ? new TlsServer(tls, TimeProvider.System, loggers.CreateLogger<TlsServer>()) : null;
        _site = new FolderSite(config.Folder, time, loggers.CreateLogger<FolderSite>());
        _loops = new EventLoopGroup(config.Server.Loops, loggers.CreateLogger<EventLoopGroup>(), config.Server.UsesIoUring);
        _transport = new EpollTransportFactory(_loops, new EpollTransportOptions { Backlog = config.Server.Backlog }, loggers);
        _application = new FrontApplication(config.Server, Compose(config, _site, time), logs, _logger) { ClosesConnections = config.ClosesConnections };
        _rejections = logs?.Access is null ? null : new RejectedRequests(logs, loggers);
        KestrelServerOptions options = HttpServerSetup.CreateOptions(config.Server);
        if (_tls is not null)
        {
            options.ApplicationServices = _tls.MakeServices(loggers);
        }

        foreach (BindAddress bind in config.Server.Binds)
        {
            foreach (EndPoint endPoint in bind.EndPoints)
            {
                options.Listen(endPoint, listener => Configure(listener, bind));
            }
        }

        _server = new KestrelServer(Options.Create(options), _transport, _rejections ?? loggers);
    }

    /// <summary>Listens and serves.</summary>
    /// <exception cref="IOException">An address cannot be listened at; the message names it.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            foreach (BindAddress bind in _config.Server.Binds)
            {
                foreach (EndPoint endPoint in bind.EndPoints)
                {
                    _transport.Open(endPoint, endPoint is UnixDomainSocketEndPoint ? bind.AccessOr(_config.Server.UnixSocketAccess) : null);
                }
            }

            await _server.StartAsync(_application, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or IOException or Win32Exception)
        {
            string addresses = string.Join(", ", _config.Server.Binds.Select(bind => bind.Text));
            throw new IOException($"Cannot listen at {addresses}: {exception.Message.TrimEnd('.')}. Choose another address with --bind, or another port.", exception);
        }

        string scheme = _tls is null ? "http" : "https";
        foreach ((ListenOptions listener, ListenerProtocol protocol) in _listeners)
        {
            string address = protocol != ListenerProtocol.Http ? GatewayProtocols.Display(protocol, listener)
                : listener.SocketPath is { } path ? $"unix:{path}" : $"{scheme}://{listener.EndPoint}";
            Log.Listening(_logger, address, Environment.ProcessId);
        }

        Log.Ready(_logger, _config.Folder.Folder);
    }

    /// <summary>
    /// Stops: no new connections, and the requests at hand are answered, within the graceful timeout and until
    /// <paramref name="hurry"/> is cancelled; with <paramref name="quick"/> they are broken off.
    /// </summary>
    public Task StopAsync(bool quick, CancellationToken hurry = default) => _stop ??= StopCoreAsync(quick, hurry);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(quick: true).ConfigureAwait(false);
        _transport.CloseUnused();
        _server.Dispose();
        _loops.Dispose();
        _site.Dispose();
        if (_tls is not null)
        {
            await _tls.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task StopCoreAsync(bool quick, CancellationToken hurry)
    {
        using CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(hurry);
        source.CancelAfter(quick ? TimeSpan.Zero : _config.Server.GracefulTimeout);
        await _server.StopAsync(source.Token).ConfigureAwait(false);
    }

    private static IFrontHandler Compose(FilesConfig config, FolderSite site, TimeProvider time)
    {
        IFrontHandler handler = config.Cgi is { } cgi ? new CgiHandler(cgi, site, config.Auth?.User) : site;
        if (config.Auth is { } auth)
        {
            handler = new BasicAuthentication(auth, handler, time);
        }

        return config.CorsOrigin is { } origin ? new CrossOrigin(origin, config.Folder.Upload is not null, handler) : handler;
    }

    private void Configure(ListenOptions listener, BindAddress bind)
    {
        _listeners.Add((listener, bind.Protocol));
        if (bind.Protocol != ListenerProtocol.Http)
        {
            // The pipeline ends here; HTTP, which the server puts behind it, is never reached.
            GatewayListener gateway = new(bind.Text, _config.Server, new ExchangeRunner<FrontRequest>(_application, logger: null), _logger);
            listener.Use(_ => GatewayProtocols.Serve(bind.Protocol, gateway));
            return;
        }

        if (_rejections is not null)
        {
            listener.Use(_rejections.Watch);
        }

        if (_config.ClosesConnections)
        {
            listener.Protocols = HttpProtocols.Http1;
        }

        if (_tls is not null)
        {
            _tls.Use(listener);
        }
        else if (!_config.ClosesConnections)
        {
            listener.Use(next => new Http2PriorKnowledge(next, _config.Server.RequestHeaderTimeout).OnConnectionAsync);
        }
    }
}
