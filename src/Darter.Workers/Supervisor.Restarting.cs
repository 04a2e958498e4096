using Darter.Transport;

namespace Darter.Workers;

/// <summary>
/// Development: the present workers leave at once, requests wait, and are answered by workers that have loaded the new
/// code. Unlike in <see cref="ReloadAsync"/>, nobody is to see an answer of the old code once it has changed.
/// </summary>
internal sealed partial class Supervisor
{
    // What old workers hold, ports or locks, new ones may need; but a request or a shutdown that lingers must not block them.
    private static readonly TimeSpan RetireTime = TimeSpan.FromMilliseconds(200);

    private WorkerPoolConfig? _restartConfig;
    private List<TaskCompletionSource<ReloadResult>> _restartCallers = [];
    private LoopTimer? _restartTimer;

    /// <summary>Gives the present workers no more requests: they leave, and what comes waits for a restart.</summary>
    internal void Retire() => Post(() =>
    {
        if (!_stopping)
        {
            RetireServing();
        }
    });

    /// <summary>
    /// Has the present workers leave and starts new ones; the task ends when these serve, or will not. A restart during the
    /// start, or during another one, takes its place and answers both.
    /// </summary>
    internal Task<ReloadResult> RestartAsync(WorkerPoolConfig config)
    {
        TaskCompletionSource<ReloadResult> caller = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => Restart(config, caller));
        return caller.Task;
    }

    private void Restart(WorkerPoolConfig config, TaskCompletionSource<ReloadResult> caller)
    {
        if (_stopping || _started.Task.IsFaulted)
        {
            caller.SetResult(Failed("the server is stopping"));
            return;
        }

        _restartCallers.Add(caller);
        if (_loading is { } superseded)
        {
            _restartCallers.AddRange(superseded.Callers);
            superseded.Callers.Clear();
            GiveUp(superseded);
            EndLoading(superseded, Failed("a restart was asked for"));
        }

        RetireServing();
        _restartConfig = config;
        if (_workers.Count == 0)
        {
            LoadRestarted();
            return;
        }

        _restartTimer ??= _loop.CreateTimer(new LoopAction(LoadRestarted));
        _restartTimer.Set(RetireTime);
    }

    private void RetireServing()
    {
        _queue.Hold();
        if (_serving is not { } old)
        {
            return;
        }

        _serving = null;
        old.State = GenerationState.Leaving;
        ForgetWorn();
        old.ForgetPauses(0);
        List<Worker> leaving = _workers.FindAll(worker => worker.Generation == old);
        leaving.ForEach(TakeBack);
        leaving.ForEach(Dismiss);
        DisposeIfEnded(old);
    }

    private void LoadRestarted()
    {
        if (_restartConfig is not { } config || _stopping)
        {
            return;
        }

        List<TaskCompletionSource<ReloadResult>> callers = _restartCallers;
        (_restartConfig, _restartCallers) = (null, []);
        _restartTimer?.Cancel();
        Load(config, callers);
    }

    /// <summary>The new workers could not load, and there are no old ones: requests are refused until the next restart.</summary>
    private void FailRestart(Generation generation, string reason)
    {
        _failedReloads++;
        Log.RestartFailed(_logger, reason.TrimEnd());
        _queue.GoDown();
        EndLoading(generation, NotLoaded(reason));
    }
}
