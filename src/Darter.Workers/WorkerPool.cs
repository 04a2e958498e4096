using Darter.Transport;
using Darter.Wire;
using Darter.Workers.Hooks;
using Darter.Workers.Preloading;
using Microsoft.Extensions.Logging;

namespace Darter.Workers;

/// <summary>All workers of one application, and the queue in front of them.</summary>
public sealed class WorkerPool
{
    // What workers wrote before they ended is there at once; a process that they left behind may keep a pipe open.
    private static readonly TimeSpan OutputTime = TimeSpan.FromSeconds(1);

    private readonly WorkerOutputs _outputs = new();
    private readonly RequestQueue _queue;
    private readonly Supervisor _supervisor;

    /// <summary>
    /// Creates a pool whose channels and queue live on <paramref name="loop"/>, with the hooks of a Gunicorn configuration if
    /// there are some.
    /// </summary>
    public WorkerPool(WorkerPoolConfig config, EventLoop loop, ServerHooks? hooks, TimeProvider time, ILogger<WorkerPool> logger)
        : this(config, (generation, outputs) => Launcher(generation, hooks, outputs, logger), loop, hooks, time, logger)
    {
    }

    /// <summary>As the public one, with workers that <paramref name="launcher"/> starts.</summary>
    internal WorkerPool(WorkerPoolConfig config, IWorkerLauncher launcher, EventLoop loop, TimeProvider time, ILogger<WorkerPool> logger)
        : this(config, (_, _) => launcher, loop, hooks: null, time, logger)
    {
    }

    private WorkerPool(
        WorkerPoolConfig config,
        Func<WorkerPoolConfig, WorkerOutputs, IWorkerLauncher> createLauncher,
        EventLoop loop,
        ServerHooks? hooks,
        TimeProvider time,
        ILogger logger)
    {
        Loop = loop;
        _queue = new RequestQueue(loop);
        _queue.SetLimits(config.MaxQueue, config.QueueTimeout, logger);
        _supervisor = new Supervisor(config, generation => createLauncher(generation, _outputs), loop, _queue, time, logger) { Hooks = hooks };
    }

    /// <summary>The loop that all of the pool's state belongs to.</summary>
    public EventLoop Loop { get; }

    /// <summary>
    /// Whether the workers are event loops, which begin with a request before its body is there. False while no worker has
    /// been ready. Any thread.
    /// </summary>
    public bool RunsEventLoops => _queue.Application is not (null or ApplicationInterface.Wsgi);

    /// <summary>Whether some worker takes requests. Any thread.</summary>
    public bool IsServing => _queue.HasChannels;

    /// <summary>Whether no worker serves and none could be started, so that requests are refused. Any thread.</summary>
    public bool IsDown => _queue.IsDown;

    internal Supervisor Supervisor => _supervisor;

    /// <summary>How many requests wait for a worker; on <see cref="Loop"/>'s thread.</summary>
    public int Waiting => _queue.Waiting;

    /// <summary>How many workers take requests; on <see cref="Loop"/>'s thread.</summary>
    public int ServingWorkers => _queue.Workers;

    /// <summary>Starts the workers. The task ends when all are ready.</summary>
    /// <exception cref="WorkerStartException">The application did not load or the interpreter could not be started.</exception>
    public Task StartAsync() => _supervisor.StartAsync();

    /// <summary>
    /// Refuses new requests, lets the workers finish for at most <paramref name="grace"/> and until
    /// <paramref name="hurry"/> is cancelled, then kills them.
    /// </summary>
    public async Task StopAsync(TimeSpan grace, CancellationToken hurry = default)
    {
        await _supervisor.StopAsync(grace, hurry).ConfigureAwait(false);
        await Task.WhenAny(_outputs.Ended, Task.Delay(OutputTime, CancellationToken.None)).ConfigureAwait(false);
    }

    /// <summary>Tells workers that have asked for it that the server is about to stop at once. Any thread.</summary>
    public void Interrupt() => _supervisor.Interrupt();

    /// <summary>
    /// Has new workers, started with <paramref name="config"/>, take the place of the present ones once all of them have
    /// loaded the application; the present ones then finish what they have. The task ends when that is so, or when it is
    /// certain that it will not be. A reload during the start waits for its end; one that comes while another loads takes
    /// its place, and both are answered then. Any thread.
    /// </summary>
    public Task<ReloadResult> ReloadAsync(WorkerPoolConfig config) => _supervisor.ReloadAsync(config);

    /// <summary>Gives the present workers no more requests, since their code is out of date; what comes waits for <see cref="RestartAsync"/>. Any thread.</summary>
    public void Retire() => _supervisor.Retire();

    /// <summary>
    /// Has the present workers leave and starts others with <paramref name="config"/>, which answer all requests from now on,
    /// those that wait included. If they do not load, requests are refused until the next restart. Any thread.
    /// </summary>
    public Task<ReloadResult> RestartAsync(WorkerPoolConfig config) => _supervisor.RestartAsync(config);

    /// <summary>
    /// Sets the number of workers to what <paramref name="change"/> makes of the present one, at least 0; returns both. With
    /// 0 all leave, and requests wait until there are workers again. Any thread.
    /// </summary>
    public Task<(int Before, int After)> ScaleAsync(Func<int, int> change) => _supervisor.ScaleAsync(change);

    /// <summary>Describes the workers and the queue as they are now. Any thread.</summary>
    public Task<PoolStatus> GetStatusAsync() => _supervisor.GetStatusAsync();

    /// <summary>Takes a request; on <see cref="Loop"/>'s thread. The stream hears of everything that follows.</summary>
    public void Add(WorkerStream stream) => _queue.Add(stream);

    /// <summary>Nobody waits for the request any more; on <see cref="Loop"/>'s thread. The stream hears nothing further.</summary>
    public void Cancel(WorkerStream stream)
    {
        switch (stream.State)
        {
            case StreamState.Queued:
                _queue.Remove(stream);
                break;
            case StreamState.Sent:
                stream.Channel!.Cancel(stream);
                break;
        }
    }

    private static IWorkerLauncher Launcher(WorkerPoolConfig config, ServerHooks? hooks, WorkerOutputs outputs, ILogger logger)
    {
        IWorkerLauncher launcher = config.Preload ? new ZygoteLauncher(config, outputs, logger) : new WorkerLauncher(config, outputs);
        return hooks is null ? launcher : new HookedLauncher(launcher, hooks);
    }
}
