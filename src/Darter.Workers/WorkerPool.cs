using Darter.Transport;
using Darter.Wire;
using Microsoft.Extensions.Logging;

namespace Darter.Workers;

/// <summary>All workers of one application, and the queue in front of them.</summary>
public sealed class WorkerPool
{
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
        _queue = new RequestQueue(loop);
        _queue.SetLimits(config.MaxQueue, config.QueueTimeout, logger);
        _supervisor = new Supervisor(config, launcher, loop, _queue, time, logger);
    }

    /// <summary>The loop that all of the pool's state belongs to.</summary>
    public EventLoop Loop { get; }

    /// <summary>
    /// Whether the workers are event loops, which begin with a request before its body is there. False while no worker has
    /// been ready. Any thread.
    /// </summary>
    public bool RunsEventLoops => _queue.Application is not (null or ApplicationInterface.Wsgi);

    /// <summary>Starts the workers. The task ends when all are ready.</summary>
    /// <exception cref="WorkerStartException">The application did not load or the interpreter could not be started.</exception>
    public Task StartAsync() => _supervisor.StartAsync();

    /// <summary>
    /// Refuses new requests, lets the workers finish for at most <paramref name="grace"/> and until
    /// <paramref name="hurry"/> is cancelled, then kills them.
    /// </summary>
    public Task StopAsync(TimeSpan grace, CancellationToken hurry = default) => _supervisor.StopAsync(grace, hurry);

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
