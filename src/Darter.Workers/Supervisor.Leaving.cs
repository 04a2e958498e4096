namespace Darter.Workers;

/// <summary>
/// Workers leave: they get nothing new, finish their requests within the graceful timeout, and may keep WebSockets and
/// event streams for longer.
/// </summary>
internal sealed partial class Supervisor
{
    // For the application's shutdown, once everything it was to finish is over.
    private static readonly TimeSpan EndingTime = TimeSpan.FromSeconds(5);

    /// <summary>Nothing new for the worker; what it has not started goes to the queue.</summary>
    private void TakeBack(Worker worker)
    {
        foreach (Channel channel in worker.Channels)
        {
            _queue.RemoveChannel(channel);
            channel.ReturnUnstarted();
        }
    }

    /// <summary>Has a worker leave whose place is not needed any more, or has another worker.</summary>
    private void Dismiss(Worker worker)
    {
        worker.HasPlace = false;
        switch (worker.State)
        {
            case WorkerState.Starting:
                // It has no request, and an import need not come to an end.
                worker.State = WorkerState.Stopping;
                worker.Kill();
                break;
            case WorkerState.Ready:
                TakeBack(worker);
                LetLeave(worker, keepStreams: true);
                break;
        }

        DismissPredecessor(worker);
    }

    private void DismissPredecessor(Worker worker)
    {
        if (worker.Predecessor is { } predecessor)
        {
            worker.Predecessor = null;
            Dismiss(predecessor);
            OnRecycled(predecessor);
        }
    }

    /// <summary>
    /// Has the worker finish what it has and go. Its WebSockets are closed now, or stay with it while the limits allow.
    /// </summary>
    private void LetLeave(Worker worker, bool keepStreams)
    {
        worker.State = WorkerState.Stopping;
        worker.Channels.ForEach(channel => channel.Drain(keepStreams));
        WorkerPoolConfig config = worker.Generation.Config;
        worker.LeaveTimer = _loop.CreateTimer(new LoopAction(() => OnLeaveTimeout(worker)));
        worker.LeaveTimer.Set(config.StreamLeaveTime < config.LeaveTime ? config.StreamLeaveTime : config.LeaveTime);
    }

    private void OnLeaveTimeout(Worker worker)
    {
        WorkerPoolConfig config = worker.Generation.Config;
        switch (worker.LeavePhase)
        {
            case LeavePhase.Everything when config.StreamLeaveTime < config.LeaveTime:
                worker.LeavePhase = LeavePhase.Requests;
                worker.LeaveTimer!.Set(config.LeaveTime - config.StreamLeaveTime);
                EndStreams(worker);
                break;
            case LeavePhase.Everything when config.StreamLeaveTime > config.LeaveTime && worker.HasStreams:
                worker.LeavePhase = LeavePhase.Streams;
                worker.LeaveTimer!.Set(config.StreamLeaveTime - config.LeaveTime);
                break;
            case LeavePhase.Everything or LeavePhase.Streams when worker.HasStreams:
                BeginEnding(worker);
                EndStreams(worker);
                break;
            default:
                KillLate(worker);
                break;
        }
    }

    private void EndStreams(Worker worker)
    {
        if (worker.HasStreams)
        {
            Log.StreamsEnded(_logger, worker.Number, worker.ProcessId);
            worker.Channels.ForEach(channel => channel.EndStreams());
        }
    }

    /// <summary>A worker that was left alone for the sake of its streams has ended one.</summary>
    private static void EndIfStreamsAreOver(Worker worker)
    {
        if (worker.State == WorkerState.Stopping && !worker.HasStreams)
        {
            BeginEnding(worker);
        }
    }

    private static void BeginEnding(Worker worker)
    {
        worker.LeavePhase = LeavePhase.Ending;
        worker.LeaveTimer!.Set(EndingTime);
    }

    private void KillAfter(Worker worker, TimeSpan time) => _loop.CreateTimer(new LoopAction(() => KillLate(worker))).Set(time);

    private void KillLate() => _workers.ForEach(KillLate);

    private void KillLate(Worker worker)
    {
        if (worker.State != WorkerState.Ended)
        {
            Log.Killed(_logger, worker.Number, worker.ProcessId);
            worker.Kill();
        }
    }
}
