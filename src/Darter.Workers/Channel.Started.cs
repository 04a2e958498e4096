using System.Diagnostics;
using Darter.Wire;

namespace Darter.Workers;

/// <summary>The requests that the worker has started: for how long they run, and what to do about those that run too long.</summary>
internal sealed partial class Channel
{
    /// <summary>Whether the worker has requests, those included that nobody waits for any more.</summary>
    internal bool IsBusy => _streams.Count > 0;

    /// <summary>Whether somebody waits for what the worker does.</summary>
    internal bool IsAwaited => _sent.Count > 0;

    /// <summary>
    /// When the worker started a request; in ticks of <see cref="Stopwatch"/>. A WSGI thread runs them in order of arrival,
    /// so the one that runs began when the one before it ended.
    /// </summary>
    internal long StartOf(WorkerStream stream) => IsEventLoop ? stream.StartedAt : LastProgress;

    /// <summary>The requests that the worker has started before <paramref name="time"/>, oldest first; WebSockets are not requests.</summary>
    internal void CollectStarted(List<WorkerStream> started, long time = long.MaxValue)
    {
        ObserveClaims();
        for (WorkerStream? stream = _sent.First; stream is not null; stream = stream.Next)
        {
            bool isStarted = IsEventLoop ? !stream.IsUnstarted : _claims.IsClaimed(stream.Slot, stream.Id);
            if (isStarted && !stream.IsUpgraded && StartOf(stream) < time)
            {
                started.Add(stream);
            }
        }
    }

    /// <summary>
    /// The request has taken too long, and is to be answered without the worker, whose answer is ignored from now on. The
    /// stream is free afterwards. Returns its number.
    /// </summary>
    internal uint Abandon(WorkerStream stream)
    {
        uint id = stream.Id;
        ushort slot = stream.Slot;
        Detach(stream);
        _streams[id] = new InFlight(null, slot);
        _claims.Cancel(slot, id);
        return id;
    }

    /// <summary>Has an event loop cancel the task of a request that was abandoned.</summary>
    internal void CancelAbandoned(uint id)
    {
        if (State != ChannelState.Closed && _streams.ContainsKey(id))
        {
            _writer.Write(FrameType.Cancel, FrameFlags.None, id, CancelReason.TimedOut);
            ScheduleFlush();
        }
    }

    /// <summary>Whether the worker has not ended the request yet.</summary>
    internal bool IsRunning(uint id) => _streams.ContainsKey(id);

    /// <summary>Lets a WSGI thread see that the client of its request has ended its side of the connection.</summary>
    internal void MarkClientFinished(WorkerStream stream) => _claims.FinishClient(stream.Slot, stream.Id);

    /// <summary>Whether the worker has not started the request.</summary>
    internal bool IsAhead(WorkerStream stream) => !_claims.IsClaimed(stream.Slot, stream.Id);

    /// <summary>Takes back a request that nobody waits for any more, unless the worker has started it.</summary>
    internal bool TryDrop(WorkerStream stream)
    {
        if (!TryTakeBack(stream))
        {
            return false;
        }

        _owner.OnProgress(this);
        return true;
    }

    /// <summary>Takes back a request, unless the worker has started it.</summary>
    private bool TryTakeBack(WorkerStream stream)
    {
        uint id = stream.Id;
        ushort slot = stream.Slot;
        if (!_claims.TryRevoke(slot, id))
        {
            return false;
        }

        Detach(stream);
        Forget(id, slot);
        return true;
    }

    /// <summary>
    /// Takes back what an event loop has not started and what has waited for that since before <paramref name="time"/>.
    /// </summary>
    internal void TakeBackUnstarted(List<WorkerStream> taken, long time)
    {
        ObserveClaims();
        for (WorkerStream? stream = _oldestUnstarted; stream is not null;)
        {
            WorkerStream current = stream;
            stream = stream.Next;
            if (current is { IsUnstarted: true, WaitingSince: > 0 } && current.WaitingSince < time && TryTakeBack(current))
            {
                taken.Add(current);
            }
        }
    }

    /// <summary>Gives what the dead worker had started and may be run once more back to the owner, last first.</summary>
    private void ReturnRepeatable()
    {
        for (WorkerStream? stream = RepeatsIdempotent ? _sent.Last : null; stream is not null;)
        {
            WorkerStream current = stream;
            stream = stream.Previous;
            if (!current.IsRetried && current.MayRunAgain)
            {
                Detach(current);
                current.IsRetried = true;
                current.OnRunAgain();
                _owner.OnReturned(current);
            }
        }
    }
}
