using System.Diagnostics;
using Darter.Transport;
using Microsoft.Extensions.Logging;

namespace Darter.Workers;

/// <summary>How many requests may wait for a worker, and for how long.</summary>
internal sealed partial class RequestQueue
{
    private readonly EventLoop _loop;
    private int _mostWaiting;
    private long _timeout;
    private LoopTimer? _timeoutTimer;
    private RefusalLog? _fullLog;
    private RefusalLog? _timeoutLog;

    /// <summary>Set whenever a request is sent to a worker: looks after those that run. Null: nothing is to be looked after.</summary>
    internal LoopTimer? Watch { get; set; }

    /// <summary>How long <see cref="Watch"/> waits.</summary>
    internal TimeSpan WatchInterval { get; set; }

    /// <summary>Sets the limits: before the first request, and for another generation.</summary>
    internal void SetLimits(int mostWaiting, TimeSpan timeout, ILogger logger)
    {
        bool begins = _timeout == 0;
        _mostWaiting = mostWaiting;
        _timeout = (long)(timeout.TotalSeconds * Stopwatch.Frequency);
        _fullLog = new RefusalLog(_loop, count => Log.Full(logger, mostWaiting, count));
        _timeoutLog = new RefusalLog(_loop, count => Log.TimedOut(logger, timeout.TotalSeconds, count));
        if (_timeout > 0)
        {
            _timeoutTimer ??= _loop.CreateTimer(new LoopAction(RefuseLate));
            for (WorkerStream? stream = begins ? _waiting.First : null; stream is not null; stream = stream.Next)
            {
                NoteArrival(stream);
            }
        }
    }

    private void NoteArrival(WorkerStream stream)
    {
        stream.WaitingSince = Stopwatch.GetTimestamp();
        if (!_timeoutTimer!.IsSet)
        {
            _timeoutTimer.Set(TimeSpan.FromSeconds((double)_timeout / Stopwatch.Frequency));
        }
    }

    private void RefuseSinceFull(WorkerStream stream)
    {
        _fullLog!.Count();
        stream.OnFailed(StreamFailure.QueueFull, "");
    }

    /// <summary>Refuses what has waited for too long: in the queue, and in event loops that are blocked.</summary>
    private void RefuseLate()
    {
        long now = Stopwatch.GetTimestamp();
        long oldest = _timeout > 0 ? now - _timeout : 0;
        while (_waiting.First is { } stream && stream.WaitingSince > 0 && stream.WaitingSince <= oldest)
        {
            Remove(stream);
            RefuseLate(stream);
        }

        List<WorkerStream> taken = [];
        _channels.ForEach(channel => channel.TakeBackUnstarted(taken, oldest));
        taken.ForEach(RefuseLate);
        Distribute();

        // What waited may just have been sent to an event loop that is as blocked as before.
        bool unstarted = _channels.Exists(channel => channel.Unstarted > 0);
        long wait = _timeout == 0 ? 0 : _waiting.First is { } first ? first.WaitingSince + _timeout - now : unstarted ? _timeout / 4 : 0;
        if (wait > 0)
        {
            _timeoutTimer!.Set(TimeSpan.FromSeconds((double)wait / Stopwatch.Frequency));
        }
    }

    private void RefuseLate(WorkerStream stream)
    {
        _timeoutLog!.Count();
        stream.OnFailed(StreamFailure.QueueTimedOut, "");
    }

    private static partial class Log
    {
        [LoggerMessage(160, LogLevel.Warning, "As many requests as --max-queue {Most} allows wait for a worker: others were answered 503, {Count} of them")]
        internal static partial void Full(ILogger logger, int most, int count);

        [LoggerMessage(161, LogLevel.Warning, "Requests waited for a worker for longer than --queue-timeout {Seconds}: they were answered 503, {Count} of them")]
        internal static partial void TimedOut(ILogger logger, double seconds, int count);
    }
}
