using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Darter.Server.Applications;
using Darter.Server.Compression;
using Darter.Server.Configuration;
using Darter.Server.Control;
using Darter.Server.Development;
using Darter.Server.Files;
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

/// <summary>The front: listeners, HTTP, and the applications and their workers behind them.</summary>
public sealed partial class FrontServer : IAsyncDisposable
{
    // Workers without a request need a moment to leave in order.
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(1);

    private readonly ILoggerFactory _loggers;
    private readonly ILogger<FrontServer> _logger;
    private readonly EventLoopGroup _loops;
    private readonly Func<AppConfig, EventLoop, WorkerPool> _createPool;
    private readonly EpollTransportFactory _transport;
    private readonly KestrelServer _server;
    private readonly FolderSite[] _folders;
    private readonly NamedFiles? _namedFiles;
    private readonly AnswerCompression? _compression;
    private readonly RejectedRequests? _rejections;
    private readonly TlsServer? _tls;
    private readonly ServerLogs? _logs;
    private readonly List<(ListenOptions Options, ListenerProtocol Protocol)> _listeners = [];
    private readonly List<ListenOptions> _tlsListeners = [];
    private ServerConfig _config;
    private ControlServer? _control;
    private Task? _stop;

    /// <summary>Composes the front; nothing is started.</summary>
    /// <exception cref="IOException">A certificate cannot be used; the message names its file.</exception>
    /// <param name="config">The front's settings.</param>
    /// <param name="apps">The applications: without routes exactly one.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">The operator's log.</param>
    /// <param name="logs">Where requests are logged, and workers' output.</param>
    /// <param name="hooks">The hooks of a Gunicorn configuration, which is one of a single application.</param>
    public FrontServer(
        ServerConfig config, IReadOnlyList<AppConfig> apps, TimeProvider time, ILoggerFactory loggers, ServerLogs? logs = null, ServerHooks? hooks = null)
        : this(config, apps, (app, loop) => new WorkerPool(app.Workers with { OutputTo = logs?.Error }, loop, hooks, time, LoggerOf<WorkerPool>(app, config, apps, loggers)), loggers, logs)
    {
    }

    /// <summary>As the public one, with pools that <paramref name="createPool"/> makes on a loop.</summary>
    internal FrontServer(
        ServerConfig config, IReadOnlyList<AppConfig> apps, Func<AppConfig, EventLoop, WorkerPool> createPool, ILoggerFactory loggers, ServerLogs? logs = null)
    {
        _config = config;
        _loggers = loggers;
        _logger = loggers.CreateLogger<FrontServer>();
        _createPool = createPool;
        _tls = config.Tls is { } tls ? new TlsServer(tls, TimeProvider.System, loggers.CreateLogger<TlsServer>()) : null;
        _loops = new EventLoopGroup(config.Loops, loggers.CreateLogger<EventLoopGroup>(), config.UsesIoUring);
        _logs = logs;
        Health = new ServerHealth([], _loops);
        LiveReload = config.LiveReload ? new LiveReload() : null;
        _folders = [.. config.Folders.Select(folder => new FolderSite(folder, TimeProvider.System, loggers.CreateLogger<FolderSite>()))];
        CompressionRules? compression = config.Compression is { } settings ? new CompressionRules(settings) : null;
        _compression = compression is null ? null : new AnswerCompression(compression);
        _namedFiles = config.SendfileFolders.Count + config.AccelFolders.Count == 0
            ? null
            : new NamedFiles(config.SendfileFolders, config.AccelFolders, compression, TimeProvider.System, loggers.CreateLogger<NamedFiles>());
        _hub = CreateHub(config.Hub);
        _holder = CreateHolder(config.Hub);
        _cache = CreateCache(config);
        _cacheRedis = CreateCacheRedis(config);
        ShareCache();
        _upstreams = CreateUpstreams(config);
        IsRouted = config.Routes.Count > 0 || apps.Count != 1;
        _apps = [.. apps.Select(CreateApplication)];
        Health.Pools = [.. _apps.Select(app => app.Pool)];
        _routed = IsRouted ? CreateRouted(config) : null;
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
    internal int OpenWebSockets => _apps.Sum(app => app.Application.WebSockets.Count);

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
        await StartHttp3Async().ConfigureAwait(false);
        Task workers = StartApplicationsAsync(_apps);
        if (acceptsWhenReady)
        {
            await workers.WaitAsync(cancellation).ConfigureAwait(false);
        }

        try
        {
            await (_routed is { } routed ? _server.StartAsync(routed, cancellation) : _server.StartAsync(_apps[0].Application, cancellation)).ConfigureAwait(false);
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
        _tls?.Start(hasHttp: _config.RedirectBinds.Count > 0 || _config.Binds.Any(bind => bind is { Protocol: ListenerProtocol.Http, IsTls: false }));

        if (_control is not null)
        {
            await _control.StartAsync().ConfigureAwait(false);
        }

        await workers.WaitAsync(cancellation).ConfigureAwait(false);
        _loaded.TrySetResult();
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
        DisposeHttp3();
        _control?.Dispose();
        _publishBound?.Dispose();
        _publishOwn?.Dispose();
        DisposeValues();
        DisposeUsers();
        _loops.Dispose();
        Array.ForEach(_apps, app => app.Dispose());
        _routes?.Dispose();
        Array.ForEach(_folders, folder => folder.Dispose());
        _namedFiles?.Dispose();
        _upstreams.Dispose();
        if (_tls is not null)
        {
            await _tls.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task StopCoreAsync(bool quick, CancellationToken hurry)
    {
        Health.BeginDraining();
        await EndReloadAsync().ConfigureAwait(false);
        if (quick)
        {
            Array.ForEach(_apps, app => app.Pool.Interrupt());
        }
        else
        {
            await ServeOnAsync(hurry).ConfigureAwait(false);
        }

        TimeSpan grace = quick ? TimeSpan.Zero : _config.GracefulTimeout;
        long begin = Stopwatch.GetTimestamp();
        LiveReload?.End();
        await CloseWebSocketsAsync().ConfigureAwait(false);
        _upstreams.EndWebSockets();
        await EndHeldAsync().ConfigureAwait(false);
        using (CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(hurry))
        {
            source.CancelAfter(grace);
            await StopRedirectAsync(source.Token).ConfigureAwait(false);
            Task http3 = StopHttp3Async(source.Token);
            await _server.StopAsync(source.Token).ConfigureAwait(false);
            await http3.ConfigureAwait(false);
            await HeldEndedAsync().WaitAsync(source.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        TimeSpan left = grace - Stopwatch.GetElapsedTime(begin);
        bool isLate = hurry.IsCancellationRequested || left < LeaveTime;
        await Task.WhenAll(_apps.Select(app => isLate ? app.Pool.StopAsync(LeaveTime, CancellationToken.None) : app.Pool.StopAsync(left, hurry))).ConfigureAwait(false);
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
            GatewayListener gateway = new(bind.Text, _config, CreateRunner(), _logger);
            listener.Use(_ => GatewayProtocols.Serve(bind.Protocol, gateway));
            return;
        }

        if (_rejections is not null)
        {
            listener.Use(_rejections.Watch);
        }

        if (_tls is not null && bind.IsTls != false)
        {
            _tlsListeners.Add(listener);
            _tls.Use(listener);
        }
        else
        {
            listener.Use(next => new Http2PriorKnowledge(next, _config.RequestHeaderTimeout).OnConnectionAsync);
        }
    }

    private string Display((ListenOptions Options, ListenerProtocol Protocol) listener) => listener.Protocol == ListenerProtocol.Http
        ? listener.Options.SocketPath is { } path ? $"unix:{path}" : $"{(_tlsListeners.Contains(listener.Options) ? "https" : "http")}://{listener.Options.EndPoint}"
        : GatewayProtocols.Display(listener.Protocol, listener.Options);
}
