using Darter.Transport;

namespace Darter.Workers;

/// <summary>
/// The workers that were started for one configuration and one state of the application's code. Its places are numbered
/// from 1 to <see cref="Target"/>; each has a worker, or waits to be given one again. Loop thread only.
/// </summary>
internal sealed class Generation(int number, WorkerPoolConfig config, IWorkerLauncher launcher)
{
    /// <summary>From 1; each reload makes the next one.</summary>
    internal int Number { get; } = number;

    internal WorkerPoolConfig Config { get; } = config;

    /// <summary>
    /// Starts its workers. It lives until the last of them has ended: the kernel kills them when the thread that started
    /// them ends.
    /// </summary>
    internal IWorkerLauncher Launcher { get; } = launcher;

    internal GenerationState State { get; set; }

    /// <summary>How many workers it is to have; the configured number, until it is scaled.</summary>
    internal int Target { get; set; } = config.Workers;

    internal RestartBackoff Backoff { get; } = new();

    /// <summary>The places whose worker died and is to be replaced after a pause.</summary>
    internal Dictionary<int, LoopTimer> Pauses { get; } = [];

    /// <summary>What it takes over with, while it loads; null: it takes over alone.</summary>
    internal JointReload? Joint { get; set; }

    /// <summary>Who waits for it to serve.</summary>
    internal List<TaskCompletionSource<ReloadResult>> Callers { get; } = [];

    /// <summary>Starts no worker any more for the places above <paramref name="count"/>.</summary>
    internal void ForgetPauses(int count)
    {
        foreach ((int place, LoopTimer timer) in Pauses)
        {
            if (place > count)
            {
                timer.Cancel();
                Pauses.Remove(place);
            }
        }
    }

    /// <summary>Tells those who wait how it came out.</summary>
    internal void Answer(ReloadResult result)
    {
        Callers.ForEach(caller => caller.TrySetResult(result));
        Callers.Clear();
    }
}
