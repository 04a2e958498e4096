namespace Darter.Workers;

/// <summary>A generation that takes over together with those of other pools. Loop thread only.</summary>
internal sealed partial class Supervisor
{
    /// <summary>
    /// Begins to load what takes over together with others; null: the pool is stopping. A pool that was never started begins with
    /// its first workers. One whose workers could not be loaded before has nobody who serves, and takes this for a new attempt.
    /// </summary>
    internal Generation? BeginTogether(WorkerPoolConfig config, JointReload joint)
    {
        if (_stopping || _started.Task.IsFaulted)
        {
            return null;
        }

        List<TaskCompletionSource<ReloadResult>> callers = _restartCallers;
        (_restartConfig, _restartCallers) = (null, []);
        if (_loading is { } superseded)
        {
            callers.AddRange(superseded.Callers);
            superseded.Callers.Clear();
            Log.ReloadSuperseded(_logger, superseded.Number);
            GiveUp(superseded);
            EndLoading(superseded, Failed("another reload was asked for"));
        }

        Load(config, callers, joint);
        if (_serving is not null)
        {
            Log.Reloading(_logger, _loading!.Number, config.Workers);
        }

        return _loading;
    }

    /// <summary>Whether all workers that a generation is to have could serve now.</summary>
    internal bool IsLoaded(Generation generation) =>
        generation.State == GenerationState.Loading
        && _workers.Count(worker => worker.Generation == generation && worker is { HasPlace: true, State: WorkerState.Ready }) == generation.Target;

    /// <summary>Takes over, since all others do; returns whether what serves now is the reason why the application did not load.</summary>
    internal bool TakeOverTogether(Generation generation)
    {
        generation.Joint = null;
        TakeOver(generation);
        return ServesError(generation);
    }

    /// <summary>Gives up a generation that may have loaded, since another pool's did not.</summary>
    internal void GiveUpTogether(Generation generation, string why, bool isFailure)
    {
        generation.Joint = null;
        if (generation.State != GenerationState.Loading)
        {
            return;
        }

        GiveUp(generation);
        ReloadResult result = Failed(why);
        generation.Answer(result);
        if (_stopping)
        {
            return;
        }

        if (!_started.Task.IsCompleted)
        {
            _started.TrySetException(new WorkerStartException(why));
        }
        else if (_serving is null)
        {
            _queue.GoDown();
        }

        if (isFailure && _serving is { } serving)
        {
            _failedReloads++;
            Log.GivenUpTogether(_logger, generation.Number, why, serving.Number);
        }
        else
        {
            Log.Abandoned(_logger, generation.Number, why);
        }
    }

    /// <summary>A generation that was loading will not take over: whoever waits is told, and those that were to take over with it do not either.</summary>
    private static void EndLoading(Generation generation, ReloadResult result)
    {
        generation.Answer(result);
        JointReload? joint = generation.Joint;
        generation.Joint = null;
        joint?.Fail(generation, result);
    }

    private bool ServesError(Generation generation) => _workers.Exists(worker => worker.Generation == generation && worker.ReportedError);
}
