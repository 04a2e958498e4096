using Darter.Workers.Native;

namespace Darter.Workers;

/// <summary>The end of the pool.</summary>
internal sealed partial class Supervisor
{
    /// <summary>
    /// Lets the workers finish, for at most <paramref name="grace"/> and until <paramref name="hurry"/> is cancelled, then
    /// kills what is left.
    /// </summary>
    internal async Task StopAsync(TimeSpan grace, CancellationToken hurry)
    {
        Post(() => Stop(grace));
        using (hurry.Register(() => Post(KillLate)))
        {
            await _stopped.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Tells the workers that want to know it that the server stops at once (the hook worker_int).</summary>
    internal void Interrupt() => Post(() => _workers
        .FindAll(worker => worker.State == WorkerState.Ready && worker.Generation.Config.Hooks?.Names.Contains("worker_int") == true)
        .ForEach(worker => worker.Signal(Libc.SIGINT)));

    private void Stop(TimeSpan grace)
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _serving?.Launcher.Abandon();
        _loading?.Launcher.Abandon();
        _queue.GoDown();
        _started.TrySetCanceled();
        ReloadResult stopped = Failed("the server was stopped");
        if (_loading is { } loaded)
        {
            EndLoading(loaded, stopped);
        }

        _deferred.ForEach(caller => caller.TrySetResult(stopped));
        _restartCallers.ForEach(caller => caller.TrySetResult(stopped));
        _serving?.ForgetPauses(0);
        foreach (Worker worker in _workers)
        {
            bool loading = worker.State == WorkerState.Starting;
            worker.State = WorkerState.Stopping;
            worker.LeaveTimer?.Cancel();
            worker.Channels.ForEach(channel => channel.Drain(keepStreams: false));
            if (loading)
            {
                // It has no request, and an import need not come to an end.
                worker.Kill();
            }
        }

        EndIfAllGone();
        _loop.CreateTimer(new LoopAction(KillLate)).Set(grace);
    }

    private void EndIfAllGone()
    {
        // A worker that is just being launched is still in the list, and killed as soon as it is there.
        if (_workers.Count == 0)
        {
            _serving?.Launcher.Dispose();
            _loading?.Launcher.Dispose();
            _stopped.TrySetResult();
        }
    }
}
