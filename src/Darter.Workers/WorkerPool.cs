using Darter.Transport;
using Darter.Wire;
using Microsoft.Extensions.Logging;

namespace Darter.Workers;

/// <summary>All workers of one application, and the queue in front of them.</summary>
public sealed class WorkerPool
{
    // What workers wrote before they ended is there at once; a process that they left behind may keep a pipe open.
    private static readonly TimeSpan OutputTime = TimeSpan.FromSeconds(1);

    private readonly IWorkerLauncher _launcher;
    private readonly RequestQueue _queue;
    private readonly Supervisor _supervisor;

    /// <summary>Creates a pool whose channels and queue live on <paramref name="loop"/>.</summary>
    public WorkerPool(WorkerPoolConfig config, EventLoop loop, TimeProvider time, ILogger<WorkerPool> logger)
        : this(config, new WorkerLauncher(config), loop, time, logger)
    {
    }

    /// <summary>As the public one, with workers that <paramref name="launcher"/> starts.</summary>
    internal WorkerPool(WorkerPoolConfig config, IWorkerLauncher launcher, EventLoop loop, TimeProvider time, ILogger<WorkerPool> logger)
    {
        Loop = loop;
        _launcher = launcher;
        _queue = new RequestQueue(loop);
        _supervisor = new Supervisor(config, launcher, loop, _queue, time, logger);
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
        await Task.WhenAny(_launcher.OutputsEnded, Task.Delay(OutputTime, CancellationToken.None)).ConfigureAwait(false);
    }

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
}
