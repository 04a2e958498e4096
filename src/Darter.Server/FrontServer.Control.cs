using System.Reflection;
using Darter.Server.Configuration;
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

    /// <summary>
    /// Has new workers take the place of the present ones, see <see cref="WorkerPool.ReloadAsync"/>. Of the front's settings
    /// those are applied that can be; see <see cref="FrontSettings.Changed"/> for the others.
    /// </summary>
    public async Task<ReloadResult> ReloadAsync(ServerConfig server, WorkerPoolConfig workers)
    {
        ReloadResult result = await _pool.ReloadAsync(workers with { WebSocketMaxQueue = _config.WebSockets.MaxQueue, OutputTo = _logs?.Error }).ConfigureAwait(false);
        if (result.Succeeded)
        {
            _config = FrontSettings.Merge(_config, server);
            ApplyUpstreams(_config.Upstreams);
        }

        return result;
    }

    /// <summary>The code of the present workers is out of date, see <see cref="WorkerPool.Retire"/>.</summary>
    public void Retire() => _pool.Retire();

    /// <summary>Starts workers with new code, see <see cref="WorkerPool.RestartAsync"/>.</summary>
    public Task<ReloadResult> RestartAsync(WorkerPoolConfig workers) =>
        _pool.RestartAsync(workers with { WebSocketMaxQueue = _config.WebSockets.MaxQueue, OutputTo = _logs?.Error });

    /// <summary>Changes the number of workers, see <see cref="WorkerPool.ScaleAsync"/>.</summary>
    public Task<(int Before, int After)> ScaleAsync(Func<int, int> change) => _pool.ScaleAsync(change);

    /// <summary>Describes the server, whose workers were started with <paramref name="workers"/>.</summary>
    public async Task<ServerStatus> GetStatusAsync(WorkerPoolConfig workers)
    {
        PoolStatus pool = await _pool.GetStatusAsync().ConfigureAwait(false);
        return new ServerStatus
        {
            Pid = Environment.ProcessId,
            Version = Version,
            Uptime = (DateTime.UtcNow - ProcessStart).TotalSeconds,
            State = ControlApplication.NameOf(Health.State),
            Target = workers.Target,
            Interface = pool.Interface?.ToString().ToLowerInvariant(),
            Python = workers.Python,
            Listeners = [.. Listeners],
            Control = _control?.Path,
            Rss = ProcessMemory.Resident(Environment.ProcessId),
            Generation = pool.Generation,
            WorkersWanted = pool.Target,
            Workers = [.. pool.Workers.Select(worker => worker with { Rss = ProcessMemory.Resident(worker.Pid) })],
            Waiting = pool.Waiting,
            WebSockets = OpenWebSockets,
            Hub = DescribeHub(),
            Cache = DescribeCache(),
            Upstreams = DescribeUpstreams(),
            Totals = new ServerTotals(pool.Requests, pool.WorkersStarted, pool.WorkersDied, pool.Reloads, pool.FailedReloads),
        };
    }

    private static DateTime ProcessStart { get; } = System.Diagnostics.Process.GetCurrentProcess().StartTime.ToUniversalTime();

    private static string Version { get; } =
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
