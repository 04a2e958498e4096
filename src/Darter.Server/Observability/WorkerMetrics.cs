using Darter.Transport;
using Darter.Workers;

namespace Darter.Server.Observability;

/// <summary>Sends once a second how the pool is, to StatsD. On the pool's loop.</summary>
internal sealed class WorkerMetrics : ILoopWork
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly WorkerPool _pool;
    private readonly Statsd _statsd;
    private readonly LoopTimer _timer;

    private WorkerMetrics(WorkerPool pool, Statsd statsd)
    {
        _pool = pool;
        _statsd = statsd;
        _timer = pool.Loop.CreateTimer(this);
    }

    /// <summary>Begins; ends with the loop.</summary>
    internal static void Start(WorkerPool pool, Statsd statsd) => pool.Loop.Post(new WorkerMetrics(pool, statsd));

    /// <inheritdoc/>
    void ILoopWork.Run()
    {
        _statsd.Workers(_pool.ServingWorkers);
        if (_statsd.Backlog)
        {
            _statsd.Queue(_pool.Waiting);
        }

        _timer.Set(Period);
    }
}
