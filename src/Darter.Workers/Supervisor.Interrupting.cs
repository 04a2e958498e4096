using System.Diagnostics;
using Darter.Transport;
using Darter.Workers.Native;

namespace Darter.Workers;

/// <summary>Has a worker tell what it does, interrupts it, and kills it if that is of no use.</summary>
internal sealed partial class Supervisor
{
    // How long a worker may take to write its stacks, and how long nothing must come for them to be complete.
    private static readonly TimeSpan StacksTime = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StacksPoll = TimeSpan.FromMilliseconds(20);

    // Gunicorn gives a worker about a second between SIGABRT and SIGKILL.
    private static readonly TimeSpan InterruptTime = TimeSpan.FromSeconds(1);

    // Stacks of one worker are logged at most this often, requests that took too long each time.
    private static readonly TimeSpan StacksPause = TimeSpan.FromSeconds(10);

    private const int MostListed = 50;
    private const int MostLines = 2000;

    /// <summary>Logs the worker's stacks, then has it end by SIGABRT, as Gunicorn does, and by SIGKILL if it does not.</summary>
    private void Interrupt(Worker worker)
    {
        worker.IsInterrupted = true;
        WriteStacks(worker, isAlive: false, () =>
        {
            worker.Signal(Libc.SIGABRT);
            _loop.CreateTimer(new LoopAction(() => KillInterrupted(worker))).Set(InterruptTime);
        });
    }

    private void KillInterrupted(Worker worker)
    {
        if (worker.State != WorkerState.Ended)
        {
            LogStacks(worker);
            Log.NotInterrupted(_logger, worker.Number, worker.ProcessId);
            worker.Kill();
        }
    }

    /// <summary>
    /// Has the worker write its stacks and logs them, then runs <paramref name="done"/>. A worker that is alive writes them
    /// itself, its tasks included; on a signal they are written whatever it does.
    /// </summary>
    private void WriteStacks(Worker worker, bool isAlive, Action done)
    {
        bool isRecent = worker.StacksLoggedAt > 0 && _time.GetElapsedTime(worker.StacksLoggedAt) < StacksPause;
        if (worker.Watch is not { } watch || worker.IsWritingStacks || isRecent)
        {
            done();
            return;
        }

        worker.IsWritingStacks = true;
        worker.StacksLoggedAt = _time.GetTimestamp();
        if (!isAlive || worker.RunsOneAtATime)
        {
            SignalStacks(worker, watch, done);
            return;
        }

        watch.AskStacks(() => EndStacks(worker, done));
        _loop.CreateTimer(new LoopAction(() =>
        {
            if (worker.IsWritingStacks && watch.StopAsking())
            {
                SignalStacks(worker, watch, done);
            }
        })).Set(StacksTime);
    }

    private void SignalStacks(Worker worker, WorkerWatch watch, Action done)
    {
        long length = 0;
        long began = Stopwatch.GetTimestamp();
        LoopTimer? timer = null;
        timer = _loop.CreateTimer(new LoopAction(() =>
        {
            // The worker does not say when it is done. It writes in one go.
            long now = worker.State == WorkerState.Ended ? 0 : watch.Unread;
            bool isComplete = now > 0 && now == length;
            length = now;
            if (worker.State == WorkerState.Ended || isComplete || Stopwatch.GetElapsedTime(began) >= StacksTime)
            {
                EndStacks(worker, done);
            }
            else
            {
                timer!.Set(StacksPoll);
            }
        }));
        timer.Set(StacksPoll);
        worker.Signal(WorkerWatch.StackSignal);
    }

    private void EndStacks(Worker worker, Action done)
    {
        worker.IsWritingStacks = false;
        LogStacks(worker);
        done();
    }

    /// <summary>Logs what the worker has written and was not logged yet.</summary>
    private void LogStacks(Worker worker)
    {
        if (worker.State == WorkerState.Ended || worker.Watch is not { Unread: > 0 } watch)
        {
            return;
        }

        string[] lines = watch.ReadStacks().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string line in lines.Take(MostLines))
        {
            Log.Stack(_logger, worker.Number, worker.ProcessId, line);
        }
    }

    /// <summary>Logs the requests that the worker has started.</summary>
    private void LogStarted(Worker worker, long now)
    {
        int count = 0;
        foreach (Channel channel in worker.Channels)
        {
            List<WorkerStream> started = [];
            channel.CollectStarted(started);
            foreach (WorkerStream stream in started)
            {
                if (count++ < MostListed)
                {
                    double seconds = Stopwatch.GetElapsedTime(channel.StartOf(stream), now).TotalSeconds;
                    Log.Running(_logger, worker.Number, worker.ProcessId, stream.Describe(), seconds);
                }
            }
        }

        if (count > MostListed)
        {
            Log.RunningMore(_logger, worker.Number, worker.ProcessId, count - MostListed);
        }
    }
}
