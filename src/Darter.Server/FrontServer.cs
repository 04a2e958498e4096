using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Darter.Server.Applications;
using Darter.Server.Compression;
using Darter.Server.Configuration;
using Darter.Server.Control;
using Darter.Server.Development;
using Darter.Server.Files;
using Darter.Server.Hub;
using Darter.Server.Listeners;
using Darter.Server.Observability;
using Darter.Server.Protocols;
using Darter.Server.Tls;
using Darter.Transport;
using Darter.Workers;
using Darter.Workers.Hooks;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Darter.Server;

/// <summary>The front of one application: listeners, HTTP, and the pool of workers behind them.</summary>
public sealed partial class FrontServer : IAsyncDisposable
{
    // Workers without a request need a moment to leave in order.
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(1);

    private readonly ILoggerFactory _loggers;
    private readonly ILogger<FrontServer> _logger;
    private readonly EventLoopGroup _loops;
    private readonly WorkerPool _pool;
    private readonly PythonApplication _application;
    private readonly EpollTransportFactory _transport;
    private readonly KestrelServer _server;
    private readonly FolderSite[] _folders;
    private readonly NamedFiles? _namedFiles;
    private readonly RejectedRequests? _rejections;
    private readonly TlsServer? _tls;
    private readonly ServerLogs? _logs;
    private readonly List<(ListenOptions Options, ListenerProtocol Protocol)> _listeners = [];
    private ServerConfig _config;
    private ControlServer? _control;
    private Task? _stop;

    /// <summary>Composes the front; nothing is started.</summary>
    /// <exception cref="IOException">A certificate cannot be used; the message names its file.</exception>
    /// <param name="config">The front's settings.</param>
    /// <param name="workers">The workers'.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">The operator's log.</param>
    /// <param name="logs">Where requests are logged, and workers' output.</param>
    /// <param name="hooks">The hooks of a Gunicorn configuration.</param>
    public FrontServer(
        ServerConfig config, WorkerPoolConfig workers, TimeProvider time, ILoggerFactory loggers, ServerLogs? logs = null, ServerHooks? hooks = null)
        : this(config, loop => new WorkerPool(workers with { OutputTo = logs?.Error }, loop, hooks, time, loggers.CreateLogger<WorkerPool>()), loggers, logs)
    {
    }

    /// <summary>As the public one, with a pool that <paramref name="createPool"/> makes on a loop.</summary>
    internal FrontServer(ServerConfig config, Func<EventLoop, WorkerPool> createPool, ILoggerFactory loggers, ServerLogs? logs = null)
    {
        _config = config;
        _loggers = loggers;
        _logger = loggers.CreateLogger<FrontServer>();
        _tls = config.Tls is { } tls ? new TlsServer(tls, TimeProvider.System, loggers.CreateLogger<TlsServer>()) : null;
        _loops = new EventLoopGroup(config.Loops, loggers.CreateLogger<EventLoopGroup>());
        _pool = createPool(_loops.Loops[0]);
        _logs = logs;
        Health = new ServerHealth(_pool, _loops);
        LiveReload = config.LiveReload ? new LiveReload() : null;
        _folders = [.. config.Folders.Select(folder => new FolderSite(folder, TimeProvider.System, loggers.CreateLogger<FolderSite>()))];
        CompressionRules? compression = config.Compression is { } settings ? new CompressionRules(settings) : null;
        _namedFiles = config.SendfileFolders.Count + config.AccelFolders.Count == 0
            ? null
            : new NamedFiles(config.SendfileFolders, config.AccelFolders, compression, TimeProvider.System, loggers.CreateLogger<NamedFiles>());
        _hub = CreateHub(config.Hub);
        _holder = CreateHolder(config.Hub);
        _cache = CreateCache(config);
        _cacheRedis = CreateCacheRedis(config);
        _application = new PythonApplication(config, _pool, Health, logs, loggers.CreateLogger<PythonApplication>())
        {
            PageExtension = LiveReload,
            NamedFiles = _namedFiles,
            Compression = compression is null ? null : new AnswerCompression(compression),
            Holder = _holder,
            Cache = _cache,
            SocketHub = _holder is null || config.Hub.WebSockets == HubWebSockets.Off ? null : new SocketHub(_holder, config.Hub.WebSockets),
            FrontHandlers = LiveReload is null ? _folders : [LiveReload, .. _folders],
        };
        if (logs?.Statsd is { } statsd)
        {
            WorkerMetrics.Start(_pool, statsd);
        }

        _transport = new EpollTransportFactory(_loops, new EpollTransportOptions { Backlog = config.Backlog, ReusePort = config.ReusePort }, loggers);
        _rejections = logs is { Access: null, Statsd: null } or null ? null : new RejectedRequests(logs, loggers);
        _server = new KestrelServer(Options.Create(ServerOptions()), _transport, _rejections ?? loggers);
    }

    /// <summary>Where it listens, once it is started.</summary>
    internal IEnumerable<EndPoint> EndPoints => _listeners.Select(listener => listener.Options.EndPoint);

    /// <summary>Where it listens, as an address that a browser takes, or <c>unix:PATH</c>, or that of a gateway protocol.</summary>
    public IEnumerable<string> Listeners => _listeners.Select(Display);

    /// <summary>Whether the server lives and is ready.</summary>
    public ServerHealth Health { get; }

    /// <summary>Development: has browsers fetch pages again; null: does not.</summary>
    public LiveReload? LiveReload { get; }

    /// <summary>How many WebSockets are open.</summary>
    internal int OpenWebSockets => _application.WebSockets.Count;

    /// <summary>
    /// Listens, then starts the workers. Requests that come before the first worker is ready wait for it: here, or in the
    /// kernel if nothing <paramref name="acceptsWhenReady"/>, since another process serves until then.
    /// </summary>
    /// <exception cref="IOException">An address cannot be listened at; the message names it.</exception>
    /// <exception cref="WorkerStartException">The application did not load.</exception>
    public async Task StartAsync(CancellationToken cancellation, bool acceptsWhenReady = false)
    {
        long begin = Stopwatch.GetTimestamp();
        Open();
        await StartHubAsync().ConfigureAwait(false);
        await StartValuesAsync().ConfigureAwait(false);
        Task workers = _pool.StartAsync();
        if (acceptsWhenReady)
        {
            await workers.WaitAsync(cancellation).ConfigureAwait(false);
        }

        try
        {
            await _server.StartAsync(_application, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw CannotListen(exception);
        }

        foreach ((ListenOptions Options, ListenerProtocol Protocol) listener in _listeners)
        {
            Log.Listening(_logger, Display(listener), Environment.ProcessId);
        }

        await StartRedirectAsync().ConfigureAwait(false);

        if (_control is not null)
        {
            await _control.StartAsync().ConfigureAwait(false);
        }

        await workers.WaitAsync(cancellation).ConfigureAwait(false);
        Health.OnStarted();
        Log.Ready(_logger, Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    /// <summary>
    /// Stops in order: no new connections, the requests at hand are answered, the workers finish, all within the graceful
    /// timeout. With <paramref name="quick"/>, or once <paramref name="hurry"/> is cancelled, what is at hand is broken off.
    /// </summary>
    public Task StopAsync(bool quick, CancellationToken hurry = default) => _stop ??= StopCoreAsync(quick, hurry);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(quick: true).ConfigureAwait(false);
        _transport.CloseUnused();
        _server.Dispose();
        _redirect?.Dispose();
        _control?.Dispose();
        _publishBound?.Dispose();
        _publishOwn?.Dispose();
        DisposeValues();
        _loops.Dispose();
        _application.Dispose();
        Array.ForEach(_folders, folder => folder.Dispose());
        _namedFiles?.Dispose();
        if (_tls is not null)
        {
            await _tls.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task StopCoreAsync(bool quick, CancellationToken hurry)
    {
        Health.BeginDraining();
        if (quick)
        {
            _pool.Interrupt();
        }
        else
        {
            await ServeOnAsync(hurry).ConfigureAwait(false);
        }

        TimeSpan grace = quick ? TimeSpan.Zero : _config.GracefulTimeout;
        long begin = Stopwatch.GetTimestamp();
        LiveReload?.End();
        await _application.CloseWebSocketsAsync().ConfigureAwait(false);
        await EndHeldAsync().ConfigureAwait(false);
        using (CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(hurry))
        {
            source.CancelAfter(grace);
            await StopRedirectAsync(source.Token).ConfigureAwait(false);
            await _server.StopAsync(source.Token).ConfigureAwait(false);
        }

        TimeSpan left = grace - Stopwatch.GetElapsedTime(begin);
        Task stopped = hurry.IsCancellationRequested || left < LeaveTime ? _pool.StopAsync(LeaveTime, CancellationToken.None) : _pool.StopAsync(left, hurry);
        await stopped.ConfigureAwait(false);
        await StopPublishingAsync().ConfigureAwait(false);
        await StopValuesAsync().ConfigureAwait(false);
        if (_control is not null)
        {
            await _control.StopAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Whoever sends requests here learns from the health that it is to send them elsewhere, and has a while to do so.</summary>
    private async Task ServeOnAsync(CancellationToken hurry)
    {
        if (_config.Health.DrainDelay > TimeSpan.Zero)
        {
            Log.ServingOn(_logger, _config.Health.DrainDelay.TotalSeconds);
            await Task.Delay(_config.Health.DrainDelay, hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private KestrelServerOptions ServerOptions()
    {
        KestrelServerOptions options = HttpServerSetup.CreateOptions(_config);
        if (_tls is not null)
        {
            options.ApplicationServices = _tls.MakeServices(_loggers);
        }

        foreach (BindAddress bind in _config.Binds)
        {
            foreach (EndPoint endPoint in bind.EndPoints)
            {
                options.Listen(endPoint, listener => Configure(listener, bind));
            }
        }

        return options;
    }

    private void Configure(ListenOptions listener, BindAddress bind)
    {
        _listeners.Add((listener, bind.Protocol));
        listener.Use(_connections.Count);
        if (_config.Proxy.Protocol != ProxyProtocol.Off)
        {
            listener.Use(next => new ProxyProtocolMiddleware(next, _config.Proxy, _config.RequestHeaderTimeout, _logger).OnConnectionAsync);
        }

        if (bind.Protocol != ListenerProtocol.Http)
        {
            // The pipeline ends here; HTTP, which the server puts behind it, is never reached.
            GatewayListener gateway = new(bind.Text, _config, new ExchangeRunner<HttpStream>(_application, _logger), _logger);
            listener.Use(_ => GatewayProtocols.Serve(bind.Protocol, gateway));
            return;
        }

        if (_rejections is not null)
        {
            listener.Use(_rejections.Watch);
        }

        if (_tls is not null)
        {
            _tls.Use(listener);
        }
        else
        {
            listener.Use(next => new Http2PriorKnowledge(next, _config.RequestHeaderTimeout).OnConnectionAsync);
        }
    }

    private string Display((ListenOptions Options, ListenerProtocol Protocol) listener) => listener.Protocol == ListenerProtocol.Http
        ? listener.Options.SocketPath is { } path ? $"unix:{path}" : $"{(_tls is null ? "http" : "https")}://{listener.Options.EndPoint}"
        : GatewayProtocols.Display(listener.Protocol, listener.Options);
}
