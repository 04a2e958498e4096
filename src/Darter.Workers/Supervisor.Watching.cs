using System.Diagnostics;
using Darter.Transport;

namespace Darter.Workers;

/// <summary>Finds what takes too long: workers that give no sign of life (--timeout), requests that run on and on (--request-timeout).</summary>
internal sealed partial class Supervisor
{
    // A limit is kept to within a tenth, and no worker is looked at more often than is of use.
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    // How long an event loop may take to end a task that was cancelled.
    private static readonly TimeSpan CancelTime = TimeSpan.FromSeconds(1);

    private readonly List<WorkerStream> _late = [];
    private WorkerPoolConfig _watched = null!;
    private LoopTimer? _watchTimer;
    private long _timeout;
    private long _requestTimeout;

    /// <summary>Has the workers looked after while they have requests; an idle server does nothing.</summary>
    private void PrepareWatching(WorkerPoolConfig config)
    {
        _watched = config;
        _mostMemory = config.MaxMemory;
        _timeout = TicksOf(config.Timeout);
        _requestTimeout = TicksOf(config.RequestTimeout);
        TimeSpan shortest = TimeSpan.MaxValue;
        foreach (TimeSpan limit in (TimeSpan[])[config.Timeout, config.RequestTimeout])
        {
            shortest = limit > TimeSpan.Zero && limit < shortest ? limit : shortest;
        }

        if (shortest < TimeSpan.MaxValue || config.MaxMemory > 0)
        {
            TimeSpan interval = shortest / 10;
            interval = interval < ShortestInterval ? ShortestInterval : interval > LongestInterval ? LongestInterval : interval;
            _watchTimer ??= _loop.CreateTimer(new LoopAction(Watch));
            _queue.Watch = _watchTimer;
            _queue.WatchInterval = interval;
        }
        else
        {
            _queue.Watch = null;
        }
    }

    private static long TicksOf(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private void Watch()
    {
        long now = Stopwatch.GetTimestamp();
        bool isBusy = false;

        // What is found out may start and remove workers.
        foreach (Worker worker in _workers.ToArray())
        {
            if (worker.State is WorkerState.Ready or WorkerState.Stopping)
            {
                isBusy |= worker.IsBusy;
                Watch(worker, now);
            }
        }

        WatchMemory();
        if (isBusy)
        {
            _watchTimer!.Set(_queue.WatchInterval);
        }
    }

    private void Watch(Worker worker, long now)
    {
        if (worker.IsInterrupted)
        {
            return;
        }

        if (_timeout > 0 && IsStuck(worker, now))
        {
            OnStuck(worker, now);
            return;
        }

        if (_requestTimeout > 0)
        {
            FindLate(worker, now);
            WatchAbandoned(worker);
        }
    }

    private bool IsStuck(Worker worker, long now)
    {
        if (worker.RunsOneAtATime)
        {
            Channel channel = worker.Channels[0];
            return channel.IsBusy && now - channel.LastProgress >= _timeout;
        }

        if (worker.Watch is not { } watch)
        {
            return false;
        }

        if (!worker.IsBusy)
        {
            watch.Excuse();
            return false;
        }

        // What was started is known before it is asked, so that it is older than a missing answer.
        worker.Channels.ForEach(channel => channel.ObserveClaims());
        watch.AskAlive(now);
        return now - watch.UnansweredSince >= _timeout;
    }

    /// <summary>
    /// The worker is stuck: those who have waited for as long are answered, all that it has not started goes to others, and
    /// it is interrupted.
    /// </summary>
    private void OnStuck(Worker worker, long now)
    {
        string why = worker.RunsOneAtATime ? "has been busy with one request" : worker.Channels[0].IsEventLoop ? "has a blocked event loop" : "has not let its threads run";
        Log.Stuck(_logger, worker.Number, worker.ProcessId, why, _watched.Timeout.TotalSeconds);
        LogStarted(worker, now);
        TakeOut(worker);
        string cause = $"it took longer than --timeout {_watched.Timeout.TotalSeconds}";
        foreach (Channel channel in worker.Channels)
        {
            List<WorkerStream> started = [];
            channel.CollectStarted(started, now - _timeout + TicksOf(_queue.WatchInterval));
            foreach (WorkerStream stream in started)
            {
                channel.Abandon(stream);
                stream.OnFailed(StreamFailure.TimedOut, cause);
            }
        }

        Interrupt(worker);
    }

    private void FindLate(Worker worker, long now)
    {
        bool found = false;
        foreach (Channel channel in worker.Channels)
        {
            channel.CollectStarted(_late, now - _requestTimeout);
            if (_late.Count > 0)
            {
                if (!found)
                {
                    found = true;
                    Log.Late(_logger, worker.Number, worker.ProcessId, _watched.RequestTimeout.TotalSeconds);
                    LogStarted(worker, now);
                }

                Abandon(worker, channel, [.. _late]);
                _late.Clear();
            }
        }

        if (found)
        {
            OnLate(worker);
        }
    }

    private void Abandon(Worker worker, Channel channel, WorkerStream[] late)
    {
        string cause = $"it took longer than --request-timeout {_watched.RequestTimeout.TotalSeconds}";
        foreach (WorkerStream stream in late)
        {
            worker.Abandoned.Add(new AbandonedRequest(channel, channel.Abandon(stream)));
            stream.OnFailed(StreamFailure.TimedOut, cause);
        }
    }

    /// <summary>
    /// Requests were answered without the worker. An event loop cancels their tasks and goes on; a thread cannot be ended, so
    /// the worker takes nothing new, and goes when the others are done.
    /// </summary>
    private void OnLate(Worker worker)
    {
        if (worker.Channels[0].IsEventLoop)
        {
            WriteStacks(worker, isAlive: true, () => CancelAbandoned(worker));
            return;
        }

        worker.Abandoned.Clear();
        Condemn(worker);
        if (!worker.Channels.Exists(channel => channel.IsAwaited))
        {
            Interrupt(worker);
        }
        else
        {
            WriteStacks(worker, isAlive: true, () => { });
        }
    }

    private void CancelAbandoned(Worker worker)
    {
        foreach (AbandonedRequest request in worker.Abandoned)
        {
            if (request.CancelledAt == 0)
            {
                request.CancelledAt = _time.GetTimestamp();
                request.Channel.CancelAbandoned(request.Id);
            }
        }
    }

    private void WatchAbandoned(Worker worker)
    {
        worker.Abandoned.RemoveAll(request => !request.Channel.IsRunning(request.Id));
        if (!worker.IsCondemned && worker.Abandoned.Exists(request => request.CancelledAt > 0 && _time.GetElapsedTime(request.CancelledAt) >= CancelTime))
        {
            Log.NotCancelled(_logger, worker.Number, worker.ProcessId);
            Condemn(worker);
        }

        if (worker.IsCondemned && !worker.IsWritingStacks && !worker.Channels.Exists(channel => channel.IsAwaited))
        {
            Interrupt(worker);
        }
    }

    private void Condemn(Worker worker)
    {
        worker.IsCondemned = true;
        TakeOut(worker);
    }

    /// <summary>The worker takes nothing new; what it has not started goes to others, and another one takes its place now.</summary>
    private void TakeOut(Worker worker)
    {
        bool isServing = worker.State == WorkerState.Ready;
        TakeBack(worker);
        if (isServing)
        {
            LetLeave(worker, keepStreams: false);
            // At the start the first that is ready serves while the others still load.
            if (worker.HasPlace && !_stopping && worker.Generation.State is GenerationState.Serving or GenerationState.Loading)
            {
                worker.HasPlace = false;
                Launch(worker.Generation, worker.Number);
            }
        }

        _queue.Distribute();
    }
}
