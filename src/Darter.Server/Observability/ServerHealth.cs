using Darter.Transport;
using Darter.Workers;

namespace Darter.Server.Observability;

/// <summary>
/// What health checks ask for, from the real state of loops and workers. Nothing here waits for a worker: a busy one is a
/// healthy one. Any thread.
/// </summary>
public sealed class ServerHealth
{
    private readonly EventLoopGroup _loops;
    private volatile IReadOnlyList<WorkerPool> _pools;
    private volatile bool _started;
    private volatile bool _draining;

    internal ServerHealth(IReadOnlyList<WorkerPool> pools, EventLoopGroup loops)
    {
        _pools = pools;
        _loops = loops;
    }

    /// <summary>The state as it is now.</summary>
    public HealthState State =>
        _draining ? HealthState.Draining
        : IsServing ? HealthState.Ready
        : _started ? HealthState.NoWorkers
        : HealthState.Starting;

    /// <summary>Whether clients should send requests here: there are workers, and the server is not about to stop.</summary>
    public bool IsReady => State == HealthState.Ready;

    /// <summary>Whether it can recover by itself: some worker serves, or may yet be started.</summary>
    public bool IsLive => !IsDown || _draining;

    /// <summary>The workers of all applications.</summary>
    internal IReadOnlyList<WorkerPool> Pools
    {
        set => _pools = value;
    }

    /// <summary>Whether every application has workers; a front without applications has all it needs once it listens.</summary>
    private bool IsServing => _pools.Count == 0 ? _started : _pools.All(pool => pool.IsServing);

    private bool IsDown => _pools.Any(pool => pool.IsDown);

    /// <summary>Why it is not ready, or null.</summary>
    public string? Reason => State switch
    {
        HealthState.Ready => null,
        HealthState.Draining => "the server is stopping",
        _ when IsDown => "no worker is left and none could be started",
        HealthState.Starting => "no worker is ready yet",
        _ => "there are no workers",
    };

    /// <summary>As <see cref="IsLive"/>, and each event loop of the front comes round within <paramref name="limit"/>.</summary>
    public async Task<bool> IsLiveAsync(TimeSpan limit)
    {
        try
        {
            await Task.WhenAll(_loops.Loops.Select(PassAsync)).WaitAsync(limit).ConfigureAwait(false);
            return IsLive;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>From now on the server is not ready, though it still serves: it is about to stop.</summary>
    public void BeginDraining() => _draining = true;

    /// <summary>The application was loaded once.</summary>
    internal void OnStarted() => _started = true;

    private static Task PassAsync(EventLoop loop)
    {
        Passing passing = new();
        loop.Post(passing);
        return passing.Task;
    }

    private sealed class Passing() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), ILoopWork
    {
        public void Run() => SetResult();
    }
}
