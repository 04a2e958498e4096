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
    private Worker? _successor;
    private long _memorySeenAt;

    /// <inheritdoc/>
    public void OnWorn(Worker worker) => Recycle(worker, $"it has served {worker.Served} requests (--max-requests)");

    /// <summary>Has a worker replaced when its turn comes; it serves until then, and finishes what it has afterwards.</summary>
    internal void Recycle(Worker worker, string why)
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
    private int MostServed() =>
        _config.MaxRequests == 0 ? 0 : (int)Math.Min(int.MaxValue, _config.MaxRequests + Random.Shared.NextInt64(_config.MaxRequestsJitter + 1L));

    private void RecycleNext()
    {
        while (_successor is null && !_stopping && _started.Task.IsCompletedSuccessfully && _worn.TryDequeue(out Worker? worker))
        {
            if (worker.State == WorkerState.Ready)
            {
                _successor = Launch(worker.Number);
                _successor.Replaces = worker;
            }
        }
    }

    /// <summary>A worker is ready: if it is a successor, its predecessor goes.</summary>
    private void OnSuccessorReady(Worker worker)
    {
        NoteMemory(worker);
        if (worker != _successor)
        {
            return;
        }

        _successor = null;
        Worker old = worker.Replaces!;
        worker.Replaces = null;
        if (old.State == WorkerState.Ready)
        {
            old.IsReplaced = true;
            TakeOut(old);
        }

        RecycleNext();
    }

    /// <summary>
    /// A worker has ended. True: there is nothing to be started in its place, since its successor is on its way, or since it
    /// was a successor itself and the old one serves on.
    /// </summary>
    private bool EndsRecycling(Worker worker)
    {
        if (_successor is not { } successor)
        {
            return false;
        }

        if (successor.Replaces == worker)
        {
            successor.Replaces = null;
            _successor = null;
            RecycleNext();
            return true;
        }

        if (successor != worker)
        {
            return false;
        }

        Worker old = worker.Replaces!;
        Log.NotRecycled(_logger, worker.Number);
        _loop.CreateTimer(new LoopAction(() =>
        {
            _successor = null;
            if (old.State == WorkerState.Ready)
            {
                _worn.Enqueue(old);
            }

            RecycleNext();
        })).Set(_backoff.Next(TimeSpan.Zero) is { Ticks: > 0 } wait ? wait : MemoryInterval);
        return true;
    }

    private void NoteMemory(Worker worker)
    {
        if (_config.MaxMemory > 0 && ProcessMemory.Resident(worker.ProcessId) is var bytes && bytes > _config.MaxMemory)
        {
            worker.IsLarge = true;
            Log.LargeFromTheStart(_logger, worker.Number, worker.ProcessId, bytes / (1024 * 1024));
        }
    }

    private void WatchMemory()
    {
        if (_config.MaxMemory == 0 || (_memorySeenAt != 0 && Stopwatch.GetElapsedTime(_memorySeenAt) < MemoryInterval))
        {
            return;
        }

        _memorySeenAt = Stopwatch.GetTimestamp();
        foreach (Worker worker in _workers.ToArray())
        {
            if (worker.State == WorkerState.Ready && !worker.IsLarge && !worker.IsWorn
                && ProcessMemory.Resident(worker.ProcessId) is var bytes && bytes > _config.MaxMemory)
            {
                Recycle(worker, $"it takes {bytes / (1024 * 1024)} MiB (--max-memory)");
            }
        }
    }
}
