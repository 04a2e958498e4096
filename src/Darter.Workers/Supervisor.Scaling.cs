namespace Darter.Workers;

/// <summary>More workers, or fewer; and another one in the place of one that serves.</summary>
internal sealed partial class Supervisor
{
    /// <summary>
    /// Changes the number of workers, at once for one that loads too. More: they are used as each is ready. Fewer: those
    /// that came last finish what they have and leave. 0: all leave, and requests wait until there are workers again.
    /// Returns the number before and after.
    /// </summary>
    internal Task<(int Before, int After)> ScaleAsync(Func<int, int> change) => CallAsync(() => Scale(change));

    /// <summary>
    /// Starts a worker that takes the place of this one; as soon as it is ready, this one finishes what it has and leaves.
    /// Until then it serves. False: it is leaving anyway.
    /// </summary>
    internal bool Recycle(Worker worker)
    {
        if (_stopping || worker is not { HasPlace: true, State: WorkerState.Ready } || worker.Generation.State != GenerationState.Serving)
        {
            return false;
        }

        worker.HasPlace = false;
        Launch(worker.Generation, worker.Number, worker);
        return true;
    }

    private (int Before, int After) Scale(Func<int, int> change)
    {
        Generation? generation = _serving ?? _loading;
        if (generation is null || _stopping)
        {
            return (0, 0);
        }

        int before = generation.Target;
        int after = change(before);
        if (after == 0 && _serving is null)
        {
            // A start without workers would prove nothing.
            return (before, before);
        }

        if (after == 0 && _loading is { } loading)
        {
            ReloadResult result = Failed("the workers were asked to leave");
            GiveUp(loading);
            EndLoading(loading, result);
        }

        if (after != before)
        {
            Log.Scaled(_logger, before, after);
            Hooks?.WorkersChanged(after, before);
        }

        if (_serving is not null)
        {
            Resize(_serving, after);
        }

        if (_loading is not null)
        {
            Resize(_loading, after);
        }

        return (before, after);
    }

    private void Resize(Generation generation, int target)
    {
        for (int number = generation.Target + 1; number <= target; number++)
        {
            Launch(generation, number);
        }

        generation.Target = target;
        generation.ForgetPauses(target);
        _workers.FindAll(worker => worker.Generation == generation && worker.Number > target).ForEach(Dismiss);
        if (target == 0)
        {
            _queue.Hold();
        }

        _queue.Distribute();
        TakeOverIfLoaded(generation);
    }
}
