using System.Reflection;
using Darter.Server.Control;
using Darter.Workers;

namespace Darter.Server;

/// <summary>The server while it runs: described and changed.</summary>
public sealed partial class FrontServer
{
    /// <summary>Lets the server be controlled from a socket, if the configuration has one. To be called before the start.</summary>
    public void UseControl(IServerControl control)
    {
        if (_config.Control is { } config)
        {
            _control = new ControlServer(config, control, Health, _loops, _transport, _loggers);
        }
    }

    /// <summary>The code of the present workers is out of date, see <see cref="WorkerPool.Retire"/>.</summary>
    public void Retire() => Array.ForEach(_apps, app => app.Pool.Retire());

    /// <summary>Starts workers with new code and the present settings, see <see cref="WorkerPool.RestartAsync"/>.</summary>
    public async Task<ReloadResult> RestartAsync()
    {
        ReloadResult result = new(0, null);
        foreach (HostedApplication app in _apps)
        {
            result = Named(app, await app.Pool.RestartAsync(SettingsOf(app.Config)).ConfigureAwait(false));
            if (!result.Succeeded)
            {
                break;
            }
        }

        return result;
    }

    /// <summary>Changes the number of workers of each application, see <see cref="WorkerPool.ScaleAsync"/>; the results are those of all together.</summary>
    public async Task<(int Before, int After)> ScaleAsync(Func<int, int> change)
    {
        (int Before, int After)[] results = await Task.WhenAll(_apps.Select(app => app.Pool.ScaleAsync(change))).ConfigureAwait(false);
        return (results.Sum(result => result.Before), results.Sum(result => result.After));
    }

    /// <summary>Describes the server.</summary>
    public async Task<ServerStatus> GetStatusAsync()
    {
        AppStatus[] apps = await Task.WhenAll(_apps.Select(DescribeAsync)).ConfigureAwait(false);
        return new ServerStatus
        {
            Pid = Environment.ProcessId,
            Version = Version,
            Uptime = (DateTime.UtcNow - ProcessStart).TotalSeconds,
            State = ControlApplication.NameOf(Health.State),
            Target = string.Join(", ", apps.Select(app => app.Target)),
            Interface = apps.Select(app => app.Interface).Distinct().ToArray() is [var only] ? only : null,
            Python = string.Join(", ", apps.Select(app => app.Python).Distinct()),
            Listeners = [.. Listeners],
            Control = _control?.Path,
            Rss = ProcessMemory.Resident(Environment.ProcessId),
            Generation = apps.Length == 0 ? 0 : apps.Max(app => app.Generation),
            WorkersWanted = apps.Sum(app => app.WorkersWanted),
            Workers = [.. apps.SelectMany(app => app.Workers)],
            Waiting = apps.Sum(app => app.Waiting),
            WebSockets = OpenWebSockets,
            Apps = apps,
            Hub = DescribeHub(),
            Cache = DescribeCache(),
            SharedCache = DescribeValues(),
            Upstreams = DescribeUpstreams(),
            Totals = new ServerTotals(
                apps.Sum(app => app.Totals.Requests),
                apps.Sum(app => app.Totals.WorkersStarted),
                apps.Sum(app => app.Totals.WorkersDied),
                apps.Sum(app => app.Totals.Reloads),
                apps.Sum(app => app.Totals.FailedReloads)),
        };
    }

    private static async Task<AppStatus> DescribeAsync(HostedApplication app)
    {
        PoolStatus pool = await app.Pool.GetStatusAsync().ConfigureAwait(false);
        return new AppStatus
        {
            Name = app.Config.Name,
            Target = app.Config.Workers.Target,
            Interface = pool.Interface?.ToString().ToLowerInvariant(),
            Python = app.Config.Workers.Python,
            Generation = pool.Generation,
            WorkersWanted = pool.Target,
            Workers = [.. pool.Workers.Select(worker => worker with { Rss = ProcessMemory.Resident(worker.Pid) })],
            Waiting = pool.Waiting,
            Totals = new ServerTotals(pool.Requests, pool.WorkersStarted, pool.WorkersDied, pool.Reloads, pool.FailedReloads),
        };
    }

    private static DateTime ProcessStart { get; } = System.Diagnostics.Process.GetCurrentProcess().StartTime.ToUniversalTime();

    private static string Version { get; } =
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
