namespace Darter.Workers;

/// <summary>
/// From one generation to the next. The new one loads while the old one serves, and takes over once all of it is loaded;
/// if it does not load, nothing has changed.
/// </summary>
internal sealed partial class Supervisor
{
    private WorkerPoolConfig? _deferredConfig;
    private List<TaskCompletionSource<ReloadResult>> _deferred = [];

    /// <summary>
    /// Has new workers take the place of the present ones; the task ends when they serve, or will not. During the start it
    /// waits for the end of the start. Another reload during this one takes its place, and answers both.
    /// </summary>
    internal Task<ReloadResult> ReloadAsync(WorkerPoolConfig config)
    {
        TaskCompletionSource<ReloadResult> caller = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => Reload(config, caller));
        return caller.Task;
    }

    private void Reload(WorkerPoolConfig config, TaskCompletionSource<ReloadResult> caller)
    {
        if (_stopping || _started.Task.IsFaulted)
        {
            caller.SetResult(Failed("the server is stopping"));
            return;
        }

        if (_serving is null)
        {
            _deferredConfig = config;
            _deferred.Add(caller);
            return;
        }

        List<TaskCompletionSource<ReloadResult>> callers = [caller];
        if (_loading is { } superseded)
        {
            // What it has imported may be older than the request to reload.
            callers.AddRange(superseded.Callers);
            superseded.Callers.Clear();
            Log.ReloadSuperseded(_logger, superseded.Number);
            GiveUp(superseded);
            EndLoading(superseded, Failed("another reload was asked for"));
        }

        Load(config, callers);
        Log.Reloading(_logger, _loading!.Number, config.Workers);
    }

    private void Load(WorkerPoolConfig config, List<TaskCompletionSource<ReloadResult>> callers, JointReload? joint = null)
    {
        Generation generation = new(++_lastGeneration, config, _createLauncher(config)) { Joint = joint };
        generation.Callers.AddRange(callers);
        _loading = generation;
        for (int number = 1; number <= generation.Target; number++)
        {
            Launch(generation, number);
        }
    }

    private void TakeOverIfLoaded(Generation generation)
    {
        if (!IsLoaded(generation))
        {
            return;
        }

        if (generation.Joint is { } joint)
        {
            joint.TakeOverIfLoaded();
        }
        else
        {
            TakeOver(generation);
        }
    }

    private void TakeOver(Generation generation)
    {
        Generation? old = _serving;
        _serving = generation;
        _loading = null;
        generation.State = GenerationState.Serving;
        PrepareWatching(generation.Config);
        _queue.SetLimits(generation.Config.MaxQueue, generation.Config.QueueTimeout, _logger);
        if (old is null)
        {
            _started.TrySetResult();
        }
        else
        {
            if (generation.Target != old.Target)
            {
                Hooks?.WorkersChanged(generation.Target, old.Target);
            }

            HandOver(old, generation);
            _reloads++;
            Log.TookOver(_logger, generation.Number, old.Number);
        }

        generation.Answer(new ReloadResult(generation.Number, Error: null, ServesError: ServesError(generation)));
        if (_deferredConfig is { } deferred)
        {
            List<TaskCompletionSource<ReloadResult>> callers = _deferred;
            (_deferredConfig, _deferred) = (null, []);
            Load(deferred, callers);
            Log.Reloading(_logger, _loading!.Number, deferred.Workers);
        }
    }

    private void HandOver(Generation old, Generation generation)
    {
        old.State = GenerationState.Leaving;
        ForgetWorn();
        old.ForgetPauses(0);
        List<Worker> leaving = _workers.FindAll(worker => worker.Generation == old);

        // The old ones first, and at once: the two may serve different interfaces, and the queue knows one.
        leaving.ForEach(TakeBack);
        _queue.AddChannels(_workers.Where(worker => worker.Generation == generation).SelectMany(worker => worker.Channels));
        leaving.ForEach(Dismiss);
        DisposeIfEnded(old);
    }

    /// <summary>
    /// A worker of a generation that loads could not do so: the generation is given up. False: that is not what happened.
    /// </summary>
    private bool FailLoading(Generation generation, string reason)
    {
        if (_stopping || generation.State is GenerationState.Serving or GenerationState.Leaving)
        {
            return false;
        }

        if (generation.State == GenerationState.Loading)
        {
            GiveUp(generation);
            if (_serving is null && _started.Task.IsCompleted)
            {
                FailRestart(generation, reason);
            }
            else if (_serving is null)
            {
                _started.TrySetException(new WorkerStartException(reason));
                _deferred.ForEach(caller => caller.TrySetResult(NotLoaded(reason)));
                if (generation.Joint is not null)
                {
                    Log.NewNotLoaded(_logger, reason.TrimEnd());
                }

                EndLoading(generation, NotLoaded(reason));
            }
            else
            {
                _failedReloads++;
                Log.ReloadFailed(_logger, generation.Number, _serving.Number, reason.TrimEnd());
                EndLoading(generation, NotLoaded(reason));
            }
        }

        // The first reason is the one that is reported.
        return true;
    }

    private void GiveUp(Generation generation)
    {
        _loading = null;
        generation.State = GenerationState.GivenUp;
        generation.Launcher.Abandon();
        _workers.FindAll(worker => worker.Generation == generation).ForEach(Dismiss);
        DisposeIfEnded(generation);
    }

    private ReloadResult Failed(string reason) => new(_serving?.Number ?? 0, reason);

    private ReloadResult NotLoaded(string reason) => new(_serving?.Number ?? 0, reason.TrimEnd(), IsLoadFailure: true);
}
