using Darter.Server.Configuration;
using Darter.Server.Routing;
using Darter.Workers;

namespace Darter.Server;

/// <summary>New code, and new settings, in the place of the present ones.</summary>
public sealed partial class FrontServer
{
    /// <summary>
    /// Has new workers take the place of the present ones, see <see cref="WorkerPool.ReloadAsync"/>, and the new routes that of the old ones.
    /// Of the front's settings those are applied that can be; see <see cref="FrontSettings.Changed"/> for the others.
    /// </summary>
    /// <param name="server">The front's settings.</param>
    /// <param name="apps">The applications: without routes exactly one.</param>
    /// <remarks>
    /// Applications are loaded one after the other, so that of several that do not load one is told. Those before it run their new code then;
    /// nothing else is changed.
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

        RouteTable routes;
        try
        {
            routes = CreateRoutes(_config with { Routes = server.Routes });
        }
        catch (IOException exception)
        {
            return new ReloadResult(await GenerationAsync().ConfigureAwait(false), exception.Message);
        }

        (ReloadResult result, List<HostedApplication> next) = await LoadAsync(apps).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            routes.Dispose();
            return result;
        }

        _config = FrontSettings.Merge(_config, server);
        ApplyUpstreams(_config.Upstreams);
        await TakeAsync(routes, next).ConfigureAwait(false);
        return result with { Generation = await GenerationAsync().ConfigureAwait(false) };
    }

    /// <summary>Loads all applications: new ones with their first workers, the others with new ones.</summary>
    private async Task<(ReloadResult Result, List<HostedApplication> Next)> LoadAsync(IReadOnlyList<AppConfig> apps)
    {
        List<HostedApplication> next = [];
        List<HostedApplication> started = [];
        ReloadResult result = new(0, null);
        foreach (AppConfig config in apps)
        {
            HostedApplication? known = _apps.FirstOrDefault(app => app.Config.Name == config.Name);
            HostedApplication app = known ?? CreateApplication(config);
            next.Add(app);
            if (known is null)
            {
                started.Add(app);
            }

            result = await LoadAsync(app, config, isNew: known is null).ConfigureAwait(false);
            if (!result.Succeeded)
            {
                await LeaveAsync(started).ConfigureAwait(false);
                break;
            }
        }

        return (result, next);
    }

    private async Task<ReloadResult> LoadAsync(HostedApplication app, AppConfig config, bool isNew)
    {
        if (isNew)
        {
            try
            {
                await app.Pool.StartAsync().ConfigureAwait(false);
                return new ReloadResult(1, null);
            }
            catch (WorkerStartException exception)
            {
                return Named(app, new ReloadResult(await GenerationAsync().ConfigureAwait(false), exception.Message, IsLoadFailure: true));
            }
        }

        ReloadResult result = Named(app, await app.Pool.ReloadAsync(SettingsOf(config)).ConfigureAwait(false));
        if (result.Succeeded)
        {
            app.Config = config;
        }

        return result;
    }

    /// <summary>Requests that begin now take the new routes. What took the old ones, and runs in applications that are gone, may finish.</summary>
    private async Task TakeAsync(RouteTable routes, List<HostedApplication> next)
    {
        HostedApplication[] before = _apps;
        RouteTable? old = _routes;
        _routed!.Site = SiteOf(routes, [.. next]);
        _routes = routes;
        _apps = [.. next];
        Health.Pools = [.. next.Select(app => app.Pool)];
        List<HostedApplication> gone = [.. before.Except(next)];
        if (gone.Count > 0)
        {
            await Task.WhenAll(gone.Select(app => app.Application.CloseWebSocketsAsync())).ConfigureAwait(false);
        }

        _ = EndAsync(old, gone);
    }

    private async Task EndAsync(RouteTable? routes, List<HostedApplication> gone)
    {
        TimeSpan grace = _config.GracefulTimeout;
        await Task.WhenAll(gone.Select(app => app.Pool.StopAsync(grace))).ConfigureAwait(false);
        await Task.Delay(grace).ConfigureAwait(false);
        routes?.Dispose();
        gone.ForEach(app => app.Dispose());
    }

    private static async Task LeaveAsync(List<HostedApplication> apps)
    {
        await Task.WhenAll(apps.Select(app => app.Pool.StopAsync(LeaveTime))).ConfigureAwait(false);
        apps.ForEach(app => app.Dispose());
    }

    private WorkerPoolConfig SettingsOf(AppConfig app) => app.Workers with { WebSocketMaxQueue = _config.WebSockets.MaxQueue, OutputTo = _logs?.Error };

    private ReloadResult Named(HostedApplication app, ReloadResult result) =>
        result.Error is { } error && IsRouted ? result with { Error = $"The application '{app.Config.Name}' ({app.Config.Workers.Target}): {error}" } : result;

    private async Task<int> GenerationAsync() => (await GetStatusAsync().ConfigureAwait(false)).Generation;
}
