using Darter.Transport;
using Microsoft.Extensions.Logging;

namespace Darter.Workers;

/// <summary>Processes: started, ended, started again.</summary>
internal sealed partial class Supervisor
{
    // One that could not load the application has nothing to finish, but threads of the application may keep it.
    private static readonly TimeSpan FailedLeaveTime = TimeSpan.FromSeconds(1);

    private void Launch(Generation generation, int number, Worker? predecessor = null)
    {
        Worker worker = new(generation, number) { Predecessor = predecessor, MostServed = MostServed(generation.Config) };
        _workers.Add(worker);
        generation.Launcher.Launch(number, launch => Post(() => OnLaunched(worker, launch)));
    }

    private void OnLaunched(Worker worker, WorkerLaunch launch)
    {
        if (launch.Process is not { } process)
        {
            worker.State = WorkerState.Ended;
            if (launch.LoadFailure is { } reason)
            {
                if (!FailLoading(worker.Generation, reason) && !_stopping)
                {
                    Log.NotPreloaded(_logger, reason.TrimEnd());
                }
            }
            else if (!FailLoading(
                worker.Generation,
                $"Cannot start the worker: {launch.Error}. Is '{worker.Generation.Config.Python}' a Python interpreter? Name it with --python."))
            {
                Log.CannotLaunch(_logger, worker.Number, launch.Error!);
            }

            Replace(worker);
            return;
        }

        worker.Process = process;
        worker.ProcessId = process.Id;
        worker.StartedAt = _time.GetTimestamp();
        for (int i = 0; i < launch.Channels.Count; i++)
        {
            worker.Channels.Add(new Channel(_loop, this, worker, i, launch.Channels[i].Socket, launch.Channels[i].Claims, launch.Token)
            {
                RepeatsIdempotent = worker.Generation.Config.RetryIdempotent,
            });
        }

        // All are there before the first of them hears from the worker.
        worker.Channels.ForEach(channel => channel.Open());
        _workersStarted++;
        worker.Watch = launch.Watch;
        worker.Watch?.Open(_loop);
        Log.WorkerStarted(_logger, worker.Number, worker.ProcessId);
        process.Watch(_loop, status => OnExited(worker, status));
        if (worker.State == WorkerState.Stopping)
        {
            // It is not wanted any more.
            worker.Kill();
        }
    }

    private void OnExited(Worker worker, ExitStatus status)
    {
        if (worker.State == WorkerState.Ended)
        {
            return;
        }

        LogStacks(worker);
        worker.State = WorkerState.Ended;
        worker.Watch?.Dispose();
        worker.LeaveTimer?.Cancel();
        worker.Process!.Dispose();
        Hooks?.WorkerEnded(worker.Number, worker.ProcessId);
        foreach (Channel channel in worker.Channels)
        {
            // A process forked by the application may still hold the socket open; the worker is gone all the same.
            channel.Finish();
        }

        _servedByGone += worker.Served;
        _workersDied += status.IsSuccess || worker.IsKilled || worker.LoadFailed ? 0 : 1;

        // One that got stuck in a request at the start has another in its place: that says nothing about the application's code.
        bool failsLoading = !worker.LoadFailed && !worker.IsKilled && !worker.IsInterrupted && FailLoading(worker.Generation, EarlyEnd(worker, status));
        if (!worker.LoadFailed && !worker.IsKilled && !failsLoading)
        {
            bool expected = _stopping || status.IsSuccess || worker.IsInterrupted;
            Log.WorkerEnded(_logger, expected ? LogLevel.Information : LogLevel.Error, worker.Number, worker.ProcessId, status);
        }

        Replace(worker);
    }

    private static string EarlyEnd(Worker worker, ExitStatus status) =>
        worker.ReadySince != 0 ? $"A worker ended before the others had loaded the application ({status})."
        : worker.Channels.Exists(channel => channel.IsGreeted) ? $"The worker ended before the application was loaded ({status})."
        : $"'{worker.Generation.Config.Python}' ended at once ({status}). Is it a Python interpreter of version 3.8 or later? Name it with --python.";

    private void Replace(Worker worker)
    {
        _workers.Remove(worker);
        Generation generation = worker.Generation;
        if (!_stopping && worker.HasPlace && generation.State == GenerationState.Serving)
        {
            Relaunch(worker);
            return;
        }

        if (generation.State is GenerationState.Leaving or GenerationState.GivenUp)
        {
            DisposeIfEnded(generation);
        }

        if (_stopping)
        {
            EndIfAllGone();
        }
        else if (_workers.Count == 0)
        {
            LoadRestarted();
        }
    }

    private void Relaunch(Worker worker)
    {
        Generation generation = worker.Generation;
        TimeSpan uptime = worker.ReadySince == 0 ? TimeSpan.Zero : _time.GetElapsedTime(worker.ReadySince);
        if (uptime == TimeSpan.Zero && !_queue.HasChannels && !_queue.IsDown)
        {
            Log.Down(_logger);
            _queue.GoDown();
        }

        if (worker.Predecessor is { State: WorkerState.Ready } predecessor)
        {
            Log.NotRecycled(_logger, predecessor.Number);
        }

        int number = worker.Number;
        TimeSpan wait = generation.Backoff.Next(uptime);
        if (wait == TimeSpan.Zero)
        {
            Launch(generation, number, worker.Predecessor);
            return;
        }

        Log.Backoff(_logger, number, wait.TotalSeconds);
        LoopTimer timer = _loop.CreateTimer(new LoopAction(() =>
        {
            generation.Pauses.Remove(number);
            Launch(generation, number, worker.Predecessor);
        }));
        generation.Pauses[number] = timer;
        timer.Set(wait);
    }

    private void DisposeIfEnded(Generation generation)
    {
        if (!_workers.Exists(worker => worker.Generation == generation))
        {
            generation.Launcher.Dispose();
        }
    }
}
