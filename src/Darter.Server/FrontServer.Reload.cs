using Darter.Server.Configuration;
using Darter.Server.Routing;
using Darter.Workers;

namespace Darter.Server;

/// <summary>New code, and new settings, in the place of the present ones.</summary>
public sealed partial class FrontServer
{
    private const string Stopping = "the server is stopping";

    private readonly Lock _reloading = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SiteReload? _reload;
    private bool _reloadsNoMore;

    /// <summary>
    /// Has new workers take the place of the present ones, see <see cref="WorkerPool.ReloadAsync"/>, and the new routes that of the old ones.
    /// Of the front's settings those are applied that can be; see <see cref="FrontSettings.Changed"/> for the others.
    /// </summary>
    /// <param name="server">The front's settings.</param>
    /// <param name="apps">The applications: without routes exactly one.</param>
    /// <remarks>
    /// The new workers of all applications load at the same time, beside those that serve, and take over together with the routes once
    /// all have loaded. If one does not load nothing is changed. A reload that is asked for while another one loads takes its place, and
    /// answers both.
    /// </remarks>
    public async Task<ReloadResult> ReloadAsync(ServerConfig server, IReadOnlyList<AppConfig> apps)
    {
        if (!IsRouted && apps.Count != 1)
        {
            return new ReloadResult(
                await GenerationAsync().ConfigureAwait(false),
                $"The server was started with one application and without routes, and now there are {apps.Count} applications. 'darter upgrade' starts a front that has them.");
        }

        if (!IsRouted)
        {
            ReloadResult only = await _apps[0].Pool.ReloadAsync(SettingsOf(apps[0])).ConfigureAwait(false);
            if (only.Succeeded)
            {
                _apps[0].Config = apps[0];
                _config = FrontSettings.Merge(_config, server);
                ApplyUpstreams(_config.Upstreams);
            }

            return only;
        }

        SiteReload reload;
        lock (_reloading)
        {
            if (_reloadsNoMore)
            {
                return new ReloadResult(0, Stopping);
            }

            reload = new SiteReload(_reload);
            if (_reload is { } superseded)
            {
                superseded.Successor = superseded.Ended.IsCompleted ? null : reload;
                superseded.IsWanted = false;
                superseded.Joint?.Abandon("another reload was asked for");
            }

            _reload = reload;
        }

        _ = ReloadSiteAsync(reload, server, apps);
        return await reload.Outcome.ConfigureAwait(false);
    }

    private async Task ReloadSiteAsync(SiteReload reload, ServerConfig server, IReadOnlyList<AppConfig> apps)
    {
        ReloadResult result;
        try
        {
            await reload.WaitForPreviousAsync().ConfigureAwait(false);
            await _loaded.Task.ConfigureAwait(false);
            result = await LoadSiteAsync(reload, server, apps).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            Log.ReloadFailed(_logger, exception.Message);
            result = new ReloadResult(0, exception.Message);
        }

        int generation = await GenerationAsync().ConfigureAwait(false);
        lock (_reloading)
        {
            reload.End(result with { Generation = generation });
        }
    }

    /// <summary>Loads all applications, new ones with their first workers, and puts them and the routes in the place of the present ones.</summary>
    /// <exception cref="IOException">A folder of a route cannot be opened; nothing has changed.</exception>
    private async Task<ReloadResult> LoadSiteAsync(SiteReload reload, ServerConfig server, IReadOnlyList<AppConfig> apps)
    {
        lock (_reloading)
        {
            if (!reload.IsWanted)
            {
                return new ReloadResult(0, Stopping);
            }
        }

        RouteTable routes = CreateRoutes(_config with { Routes = server.Routes });
        List<HostedApplication> next = [];
        List<HostedApplication> started = [];
        RouteTable? old = _routes;
        HostedApplication[] before = _apps;
        JointReload joint = new(_loops.Loops[0], () => Take(server, apps, routes, next));
        foreach (AppConfig config in apps)
        {
            HostedApplication? known = before.FirstOrDefault(app => app.Config.Name == config.Name);
            HostedApplication app = known ?? CreateApplication(config);
            next.Add(app);
            if (known is null)
            {
                started.Add(app);
            }

            joint.Add(app.Pool, SettingsOf(config));
        }

        lock (_reloading)
        {
            reload.Joint = joint;
            if (!reload.IsWanted)
            {
                joint.Abandon(Stopping);
            }
        }

        JointReloadResult outcome = await joint.RunAsync().ConfigureAwait(false);
        if (outcome.Result.Succeeded)
        {
            List<HostedApplication> gone = [.. before.Except(next)];
            await Task.WhenAll(gone.Select(app => app.Application.CloseWebSocketsAsync())).ConfigureAwait(false);
            _ = EndAsync(old, gone);
            return outcome.Result;
        }

        routes.Dispose();
        await Task.WhenAll(started.Select(app => app.Pool.StopAsync(LeaveTime))).ConfigureAwait(false);
        started.ForEach(app => app.Dispose());
        HostedApplication? failed = next.Find(app => app.Pool == outcome.Failed);
        return failed is null ? outcome.Result : Named(failed, outcome.Result);
    }

    /// <summary>Requests that begin now take the new routes. What took the old ones, and runs in applications that are gone, may finish. Called on the loop.</summary>
    private void Take(ServerConfig server, IReadOnlyList<AppConfig> configs, RouteTable routes, List<HostedApplication> next)
    {
        ServerConfig merged = FrontSettings.Merge(_config, server);
        ApplyUpstreams(merged.Upstreams);
        _config = merged;
        for (int i = 0; i < next.Count; i++)
        {
            next[i].Config = configs[i];
        }

        _routed!.Site = SiteOf(routes, [.. next]);
        _routes = routes;
        _apps = [.. next];
        ApplyUsers();
        Health.Pools = [.. next.Select(app => app.Pool)];
    }

    /// <summary>Gives up a reload that is under way, and takes no other one: the server ends.</summary>
    private Task EndReloadAsync()
    {
        lock (_reloading)
        {
            _reloadsNoMore = true;
            _loaded.TrySetResult();
            if (_reload is not { } reload)
            {
                return Task.CompletedTask;
            }

            reload.IsWanted = false;
            reload.Joint?.Abandon(Stopping);
            return reload.Ended;
        }
    }

    private async Task EndAsync(RouteTable? routes, List<HostedApplication> gone)
    {
        TimeSpan grace = _config.GracefulTimeout;
        await Task.WhenAll(gone.Select(app => app.Pool.StopAsync(grace))).ConfigureAwait(false);
        await Task.Delay(grace).ConfigureAwait(false);
        routes?.Dispose();
        gone.ForEach(app => app.Dispose());
    }

    private WorkerPoolConfig SettingsOf(AppConfig app) => app.Workers with { WebSocketMaxQueue = _config.WebSockets.MaxQueue, OutputTo = _logs?.Error };

    private ReloadResult Named(HostedApplication app, ReloadResult result) =>
        result.Error is { } error && IsRouted ? result with { Error = $"The application '{app.Config.Name}' ({app.Config.Workers.Target}): {error}" } : result;

    private async Task<int> GenerationAsync() => (await GetStatusAsync().ConfigureAwait(false)).Generation;
}
