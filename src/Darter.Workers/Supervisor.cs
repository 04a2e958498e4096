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
    // A worker that closes its channels of its own accord has this long to end.
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(30);

    private readonly WorkerPoolConfig _config;
    private readonly EventLoop _loop;
    private readonly RequestQueue _queue;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WorkerLauncher _launcher;
    private readonly RestartBackoff _backoff = new();
    private readonly List<Worker> _workers = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _stopping;

    internal Supervisor(WorkerPoolConfig config, EventLoop loop, RequestQueue queue, TimeProvider time, ILogger logger)
    {
        _config = config;
        _loop = loop;
        _queue = queue;
        _time = time;
        _logger = logger;
        _launcher = new WorkerLauncher(config);
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

    /// <summary>Lets the workers finish, for at most <paramref name="grace"/>, then kills what is left.</summary>
    internal Task StopAsync(TimeSpan grace)
    {
        _loop.Post(new LoopAction(() => Stop(grace)));
        return _stopped.Task;
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
            if (_workers.Count == _config.Workers && _workers.TrueForAll(other => other.State == WorkerState.Ready))
            {
                _started.TrySetResult();
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
        }
    }

    /// <inheritdoc/>
    public void OnProgress(Channel channel) => _queue.Fill(channel);

    /// <inheritdoc/>
    public void OnReturned(WorkerStream stream) => _queue.AddReturned(stream);

    /// <inheritdoc/>
    public void OnClosed(Channel channel, string? error)
    {
        Worker worker = channel.Worker;
        _queue.RemoveChannel(channel);
        if (error is not null)
        {
            Log.ChannelBroken(_logger, worker.Number, worker.ProcessId, error);
        }

        if (error is not null)
        {
            worker.Kill();
        }
        else if (worker.State is WorkerState.Starting or WorkerState.Ready)
        {
            // It is leaving, or dead and not yet reported: its other channels may finish what they have.
            worker.State = WorkerState.Stopping;
            worker.Channels.ForEach(other => other.Drain());
            _loop.CreateTimer(new LoopAction(() => KillLate(worker))).Set(LeaveTime);
        }

        _queue.Distribute();
    }

    /// <inheritdoc/>
    public void OnLog(Channel channel, WorkerLogLevel level, string text) =>
        Log.FromWorker(_logger, (LogLevel)((int)level + 1), channel.Worker.Number, text);

    private void Launch(int number)
    {
        Worker worker = new(number);
        _workers.Add(worker);
        _launcher.Launch(number, launch => _loop.Post(new LoopAction(() => OnLaunched(worker, launch))));
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
            Channel channel = new(_loop, this, worker, i, launch.Channels[i].Socket, launch.Channels[i].Claims, launch.Token);
            worker.Channels.Add(channel);
            channel.Open();
        }

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

        worker.State = WorkerState.Ended;
        ExitStatus status = new(worker.Process!.ExitCode);
        worker.Process.Dispose();
        foreach (Channel channel in worker.Channels)
        {
            // A process forked by the application may still hold the socket open; the worker is gone all the same.
            channel.Close();
        }

        if (!worker.LoadFailed && !worker.IsKilled && !FailStart($"The worker ended before the application was loaded ({status})."))
        {
            Log.WorkerEnded(_logger, _stopping || status.IsSuccess ? LogLevel.Information : LogLevel.Error, worker.Number, worker.ProcessId, status);
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

        if (!_started.Task.IsCompletedSuccessfully)
        {
            return;
        }

        TimeSpan uptime = worker.ReadySince == 0 ? TimeSpan.Zero : _time.GetElapsedTime(worker.ReadySince);
        if (uptime == TimeSpan.Zero && !_queue.HasChannels)
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
        _loop.CreateTimer(new LoopAction(() =>
        {
            foreach (Worker worker in _workers)
            {
                KillLate(worker);
            }
        })).Set(grace);
    }

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
