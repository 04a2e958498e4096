using Darter.Transport;
using Darter.Wire;
using Microsoft.Extensions.Logging;

namespace Darter.Workers;

/// <summary>
/// Keeps the workers of a pool alive: starts them, replaces those that die, ends them in order. Loop thread only, but
/// for the two methods that return tasks.
/// </summary>
internal sealed partial class Supervisor : IChannelOwner
{
    // One that could not load the application has nothing to finish, but threads of the application may keep it.
    private static readonly TimeSpan FailedLeaveTime = TimeSpan.FromSeconds(1);

    private readonly WorkerPoolConfig _config;
    private readonly EventLoop _loop;
    private readonly RequestQueue _queue;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IWorkerLauncher _launcher;
    private readonly RestartBackoff _backoff = new();
    private readonly List<Worker> _workers = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _stopping;

    internal Supervisor(WorkerPoolConfig config, IWorkerLauncher launcher, EventLoop loop, RequestQueue queue, TimeProvider time, ILogger logger)
    {
        _config = config;
        _loop = loop;
        _queue = queue;
        _time = time;
        _logger = logger;
        _launcher = launcher;
        PrepareWatching();
    }

    /// <summary>Starts the workers; the task ends when all are ready, or fails with <see cref="WorkerStartException"/>.</summary>
    internal Task StartAsync()
    {
        _loop.Post(new LoopAction(() =>
        {
            for (int number = 1; number <= _config.Workers; number++)
            {
                Launch(number);
            }
        }));
        return _started.Task;
    }

    /// <summary>
    /// Lets the workers finish, for at most <paramref name="grace"/> and until <paramref name="hurry"/> is cancelled, then
    /// kills what is left.
    /// </summary>
    internal async Task StopAsync(TimeSpan grace, CancellationToken hurry)
    {
        _loop.Post(new LoopAction(() => Stop(grace)));
        using (hurry.Register(() => _loop.Post(new LoopAction(KillLate))))
        {
            await _stopped.Task.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void OnReady(Channel channel, string version)
    {
        Worker worker = channel.Worker;
        _queue.AddChannel(channel);
        if (worker.State == WorkerState.Starting && worker.Channels.TrueForAll(other => other.State == ChannelState.Ready))
        {
            worker.State = WorkerState.Ready;
            worker.ReadySince = _time.GetTimestamp();
            Log.WorkerReady(_logger, worker.Number, worker.ProcessId, version);
            OnSuccessorReady(worker);
            if (_workers.Count == _config.Workers && _workers.TrueForAll(other => other.State == WorkerState.Ready))
            {
                _started.TrySetResult();
                RecycleNext();
            }
        }
    }

    /// <inheritdoc/>
    public void OnLoadFailed(Channel channel, string reason)
    {
        channel.Worker.LoadFailed = true;
        if (!FailStart(reason))
        {
            Log.LoadFailed(_logger, channel.Worker.Number, channel.Worker.ProcessId, reason.TrimEnd());
            KillAfter(channel.Worker, FailedLeaveTime);
        }
    }

    /// <inheritdoc/>
    public void OnProgress(Channel channel) => _queue.Fill(channel);

    /// <inheritdoc/>
    public void OnReturned(WorkerStream stream) => _queue.AddReturned(stream);

    /// <inheritdoc/>
    public void OnLeaving(Channel channel)
    {
        Worker worker = channel.Worker;
        if (worker.State is WorkerState.Starting or WorkerState.Ready)
        {
            LetLeave(worker);
            foreach (Channel other in worker.Channels)
            {
                _queue.RemoveChannel(other);
                other.ReturnUnstarted();
            }

            // What it has may take its time; its place is taken now.
            if (_started.Task.IsCompletedSuccessfully)
            {
                worker.IsReplaced = true;
                if (!EndsRecycling(worker))
                {
                    Relaunch(worker);
                }
            }

            _queue.Distribute();
        }
    }

    /// <inheritdoc/>
    public void OnClosed(Channel channel, string? error)
    {
        Worker worker = channel.Worker;
        _queue.RemoveChannel(channel);
        if (error is not null)
        {
            if (!FailStart($"The worker {error}."))
            {
                Log.ChannelBroken(_logger, worker.Number, worker.ProcessId, error);
            }

            worker.Kill();
        }
        else if (worker.State is WorkerState.Starting or WorkerState.Ready)
        {
            // It is leaving, or dead and not yet reported: its other channels may finish what they have.
            LetLeave(worker);
        }

        _queue.Distribute();
    }

    /// <inheritdoc/>
    public void OnLog(Channel channel, WorkerLogLevel level, string text) =>
        Log.FromWorker(_logger, (LogLevel)((int)level + 1), channel.Worker.Number, text);

    private Worker Launch(int number)
    {
        Worker worker = new(number) { MostServed = MostServed() };
        _workers.Add(worker);
        _launcher.Launch(number, launch => _loop.Post(new LoopAction(() => OnLaunched(worker, launch))));
        return worker;
    }

    private void OnLaunched(Worker worker, WorkerLaunch launch)
    {
        if (launch.Process is not { } process)
        {
            worker.State = WorkerState.Ended;
            if (!FailStart($"Cannot start the worker: {launch.Error}. Is '{_config.Python}' a Python interpreter? Name it with --python."))
            {
                Log.CannotLaunch(_logger, worker.Number, launch.Error!);
            }

            Replace(worker);
            return;
        }

        worker.Process = process;
        worker.ProcessId = process.Id;
        for (int i = 0; i < launch.Channels.Count; i++)
        {
            Channel channel = new(_loop, this, worker, i, launch.Channels[i].Socket, launch.Channels[i].Claims, launch.Token)
            {
                RepeatsIdempotent = _config.RetryIdempotent,
            };
            worker.Channels.Add(channel);
            channel.Open();
        }

        worker.Watch = launch.Watch;
        worker.Watch?.Open(_loop);
        Log.WorkerStarted(_logger, worker.Number, worker.ProcessId);
        process.Exited += (_, _) => _loop.Post(new LoopAction(() => OnExited(worker)));
        process.EnableRaisingEvents = true;
        if (_stopping)
        {
            worker.State = WorkerState.Stopping;
            worker.Kill();
        }
    }

    private void OnExited(Worker worker)
    {
        if (worker.State == WorkerState.Ended)
        {
            return;
        }

        LogStacks(worker);
        worker.State = WorkerState.Ended;
        worker.Watch?.Dispose();
        ExitStatus status = new(worker.Process!.ExitCode);
        worker.Process.Dispose();
        foreach (Channel channel in worker.Channels)
        {
            // A process forked by the application may still hold the socket open; the worker is gone all the same.
            channel.Finish();
        }

        string early = worker.Channels.Exists(channel => channel.IsGreeted)
            ? $"The worker ended before the application was loaded ({status})."
            : $"'{_config.Python}' ended at once ({status}). Is it a Python interpreter of version 3.8 or later? Name it with --python.";
        if (!worker.LoadFailed && !worker.IsKilled && !FailStart(early))
        {
            Log.WorkerEnded(_logger, _stopping || status.IsSuccess || worker.IsInterrupted ? LogLevel.Information : LogLevel.Error, worker.Number, worker.ProcessId, status);
        }

        Replace(worker);
    }

    private void Replace(Worker worker)
    {
        _workers.Remove(worker);
        if (_stopping)
        {
            EndIfAllGone();
            return;
        }

        if (_started.Task.IsCompletedSuccessfully && !worker.IsReplaced && !EndsRecycling(worker))
        {
            Relaunch(worker);
        }
    }

    private void Relaunch(Worker worker)
    {
        TimeSpan uptime = worker.ReadySince == 0 ? TimeSpan.Zero : _time.GetElapsedTime(worker.ReadySince);
        if (uptime == TimeSpan.Zero && !_queue.HasChannels && !_queue.IsDown)
        {
            Log.Down(_logger);
            _queue.GoDown();
        }

        TimeSpan wait = _backoff.Next(uptime);
        if (wait == TimeSpan.Zero)
        {
            Launch(worker.Number);
            return;
        }

        Log.Backoff(_logger, worker.Number, wait.TotalSeconds);
        _loop.CreateTimer(new LoopAction(() =>
        {
            if (!_stopping)
            {
                Launch(worker.Number);
            }
        })).Set(wait);
    }

    private void Stop(TimeSpan grace)
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _queue.GoDown();
        _started.TrySetCanceled();
        foreach (Worker worker in _workers)
        {
            bool loading = worker.State == WorkerState.Starting;
            worker.State = WorkerState.Stopping;
            worker.Channels.ForEach(channel => channel.Drain());
            if (loading)
            {
                // It has no request, and an import need not come to an end.
                worker.Kill();
            }
        }

        EndIfAllGone();
        _loop.CreateTimer(new LoopAction(KillLate)).Set(grace);
    }

    /// <summary>A worker leaves of its own accord: it has a while to finish what it has.</summary>
    private void LetLeave(Worker worker)
    {
        worker.State = WorkerState.Stopping;
        worker.Channels.ForEach(channel => channel.Drain());
        KillAfter(worker, _config.LeaveTime);
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

    private void EndIfAllGone()
    {
        // A worker that is just being launched is still in the list, and killed as soon as it is there.
        if (_workers.Count == 0)
        {
            _launcher.Dispose();
            _stopped.TrySetResult();
        }
    }

    /// <summary>Reports a failure of the first start. False: the start is over, the failure is another matter.</summary>
    private bool FailStart(string reason) =>
        !_stopping && (_started.TrySetException(new WorkerStartException(reason)) || _started.Task.IsFaulted);
}
