namespace Darter.Workers;

/// <summary>What the supervisor tells the operator.</summary>
internal sealed partial class Supervisor
{
    private long _servedByGone;
    private long _workersStarted;
    private long _workersDied;
    private long _reloads;
    private long _failedReloads;

    /// <summary>Describes the pool as it is now.</summary>
    internal Task<PoolStatus> GetStatusAsync() => CallAsync(() => new PoolStatus
    {
        Interface = _queue.Application,
        Generation = _serving?.Number ?? 0,
        Target = (_serving ?? _loading)?.Target ?? _config.Workers,
        Workers = [.. _workers.OrderBy(worker => (worker.Generation.Number, worker.Number)).Select(Describe)],
        Waiting = _queue.Waiting,
        Requests = _servedByGone + _workers.Sum(worker => worker.Served),
        WorkersStarted = _workersStarted,
        WorkersDied = _workersDied,
        Reloads = _reloads,
        FailedReloads = _failedReloads,
    });

    /// <summary>All workers, those that start and that leave included, in the order of their start.</summary>
    internal IReadOnlyList<Worker> Workers => _workers;

    private WorkerStatus Describe(Worker worker) => new()
    {
        Number = worker.Number,
        Pid = worker.ProcessId,
        State = worker.State switch
        {
            WorkerState.Starting => "starting",
            WorkerState.Ready => worker.Generation.State == GenerationState.Loading && _serving is not null ? "loaded" : "ready",
            _ => "leaving",
        },
        Generation = worker.Generation.Number,
        Age = worker.StartedAt == 0 ? 0 : _time.GetElapsedTime(worker.StartedAt).TotalSeconds,
        Requests = worker.Served,
        Running = worker.Channels.Sum(channel => channel.Count),
        Streams = worker.Channels.Sum(channel => channel.CountStreams()),
    };
}
