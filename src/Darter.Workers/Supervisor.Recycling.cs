using System.Diagnostics;

namespace Darter.Workers;

/// <summary>
/// Replaces workers that have served enough (--max-requests) or have grown too large (--max-memory): one at a time, and
/// each only once its successor is ready.
/// </summary>
internal sealed partial class Supervisor
{
    private static readonly TimeSpan MemoryInterval = TimeSpan.FromSeconds(1);

    private readonly Queue<Worker> _worn = new();
    private Worker? _recycled;
    private long _mostMemory;
    private long _memorySeenAt;

    /// <inheritdoc/>
    public void OnWorn(Worker worker) => RecycleInTurn(worker, $"it has served {worker.Served} requests (--max-requests)");

    /// <summary>Has a worker replaced when its turn comes; it serves until then, and finishes what it has afterwards.</summary>
    private void RecycleInTurn(Worker worker, string why)
    {
        if (worker.State != WorkerState.Ready || worker.IsWorn || _stopping)
        {
            return;
        }

        worker.IsWorn = true;
        Log.Recycled(_logger, worker.Number, worker.ProcessId, why);
        _worn.Enqueue(worker);
        RecycleNext();
    }

    /// <summary>How many requests a new worker may serve.</summary>
    private static int MostServed(WorkerPoolConfig config) =>
        config.MaxRequests == 0 ? 0 : (int)Math.Min(int.MaxValue, config.MaxRequests + Random.Shared.NextInt64(config.MaxRequestsJitter + 1L));

    private void RecycleNext()
    {
        while (_recycled is null && _serving is not null && _worn.TryDequeue(out Worker? worker))
        {
            _recycled = Recycle(worker) ? worker : null;
        }
    }

    /// <summary>A worker was replaced, or is not to be any more.</summary>
    private void OnRecycled(Worker worker)
    {
        if (worker == _recycled)
        {
            _recycled = null;
            RecycleNext();
        }
    }

    /// <summary>The workers of another generation are all new.</summary>
    private void ForgetWorn()
    {
        _worn.Clear();
        _recycled = null;
    }

    private void NoteMemory(Worker worker)
    {
        if (worker.Generation.Config.MaxMemory is > 0 and var most && ProcessMemory.Resident(worker.ProcessId) is var bytes && bytes > most)
        {
            worker.IsLarge = true;
            Log.LargeFromTheStart(_logger, worker.Number, worker.ProcessId, bytes / (1024 * 1024));
        }
    }

    private void WatchMemory()
    {
        if (_mostMemory == 0 || (_memorySeenAt != 0 && Stopwatch.GetElapsedTime(_memorySeenAt) < MemoryInterval))
        {
            return;
        }

        _memorySeenAt = Stopwatch.GetTimestamp();
        foreach (Worker worker in _workers.ToArray())
        {
            if (worker.State == WorkerState.Ready && !worker.IsLarge && !worker.IsWorn
                && ProcessMemory.Resident(worker.ProcessId) is var bytes && bytes > _mostMemory)
            {
                RecycleInTurn(worker, $"it takes {bytes / (1024 * 1024)} MiB (--max-memory)");
            }
        }
    }
}
