using System.Collections.Frozen;
using Darter.Server.Applications;
using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;
using Darter.Server.Files;
using Darter.Server.Hub;
using Darter.Server.Observability;
using Darter.Server.Protocols;
using Darter.Server.Proxying;
using Darter.Server.Routing;
using Darter.Workers;
using Microsoft.Extensions.Logging;

namespace Darter.Server;

/// <summary>The applications, and the routes to them and to everything else that answers.</summary>
public sealed partial class FrontServer
{
    private readonly RoutedApplication? _routed;
    private volatile HostedApplication[] _apps;
    private RouteTable? _routes;

    /// <summary>Whether requests are looked at to find who answers them: there are routes, or not exactly one application.</summary>
    private bool IsRouted { get; }

    /// <summary>The log of an application, which says its name where there may be several.</summary>
    private static ILogger<T> LoggerOf<T>(AppConfig app, ServerConfig config, IReadOnlyList<AppConfig> apps, ILoggerFactory loggers) =>
        config.Routes.Count == 0 && apps.Count == 1 ? loggers.CreateLogger<T>() : new NamedLogger<T>(app.Name, loggers.CreateLogger<T>());

    private IReadOnlyList<IFrontHandler> OwnHandlers =>
    [
        .. _tls?.Challenges is { } challenges ? (IFrontHandler[])[challenges] : [],
        .. _config.Health is { LivePath: null, ReadyPath: null } ? (IFrontHandler[])[] : [new HealthProbes(_config.Health, Health)],
        .. LiveReload is null ? (IFrontHandler[])[] : [LiveReload],
        .. _folders,
        .. UpstreamPaths(_config),
    ];

    private HostedApplication CreateApplication(AppConfig app)
    {
        WorkerPool pool = _createPool(app, _loops.Loops[0]);
        PythonApplication application = new(_config, pool, _logs, IsRouted ? new NamedLogger<PythonApplication>(app.Name, _loggers.CreateLogger<PythonApplication>()) : _loggers.CreateLogger<PythonApplication>())
        {
            PageExtension = LiveReload,
            NamedFiles = _namedFiles,
            Compression = _compression,
            Holder = _holder,
            Cache = _cache,
            SocketHub = _holder is null || _config.Hub.WebSockets == HubWebSockets.Off ? null : new SocketHub(_holder, _config.Hub.WebSockets),
            FrontHandlers = IsRouted ? [] : OwnHandlers,
        };
        if (_logs?.Statsd is { } statsd)
        {
            WorkerMetrics.Start(pool, statsd);
        }

        return new HostedApplication(app, pool, application);
    }

    private RoutedApplication CreateRouted(ServerConfig config)
    {
        _routes = CreateRoutes(config);
        FrontApplication front = new(config, new NothingHandler(), _logs, _logger);
        return new RoutedApplication(SiteOf(_routes, _apps), front) { FrontHandlers = OwnHandlers };
    }

    /// <exception cref="IOException">A folder cannot be opened; the message names it.</exception>
    private RouteTable CreateRoutes(ServerConfig config)
    {
        // Where the route depends on more than the address, so does the answer.
        bool isByMore = config.Routes.Any(route => route.Match is { Fields.Count: > 0 } or { Sources: not null } or { Methods.Count: > 0 });
        List<Route> routes = [];
        try
        {
            foreach (RouteConfig route in config.Routes)
            {
                routes.Add(new Route(route, CreateHandler(route, isByMore ? route.Name : ""), isByMore ? route.Name : "", TimeProvider.System));
            }
        }
        catch (IOException)
        {
            routes.ForEach(route => route.Dispose());
            throw;
        }

        return new RouteTable(routes, config.Proxy);
    }

    private IFrontHandler? CreateHandler(RouteConfig route, string cacheVariant) => route.Action switch
    {
        FilesAction files => new FolderSite(files.Folder, TimeProvider.System, _loggers.CreateLogger<FolderSite>()) { FallsThrough = files.FallsThrough },
        UpstreamAction upstream => Cached(new NamedUpstream(upstream.Upstream, route.Timeout, _upstreams), route.Cache, cacheVariant),
        _ => null,
    };

    private static RoutedSite SiteOf(RouteTable routes, HostedApplication[] apps) => new(
        routes,
        apps.ToFrozenDictionary(app => app.Config.Name, app => app.Application, StringComparer.Ordinal),
        apps is [var only] ? only.Application : null);

    private IExchangeRunner CreateRunner() => _routed is { } routed
        ? new ExchangeRunner<RoutedRequest>(routed, _logger)
        : new ExchangeRunner<HttpStream>(_apps[0].Application, _logger);

    /// <exception cref="WorkerStartException">An application did not load; with several of them the message names it.</exception>
    private static Task StartApplicationsAsync(HostedApplication[] apps) => Task.WhenAll(apps.Select(app => StartApplicationAsync(app, apps.Length > 1)));

    private static async Task StartApplicationAsync(HostedApplication app, bool isOneOfSeveral)
    {
        try
        {
            await app.Pool.StartAsync().ConfigureAwait(false);
        }
        catch (WorkerStartException exception) when (isOneOfSeveral)
        {
            throw new WorkerStartException($"The application '{app.Config.Name}' ({app.Config.Workers.Target}): {exception.Message}");
        }
    }

    private Task CloseWebSocketsAsync() => Task.WhenAll(_apps.Select(app => app.Application.CloseWebSocketsAsync()));
}
