using System.Diagnostics;
using Darter.Transport;
using Darter.Wire;

namespace Darter.Workers;

/// <summary>
/// The one queue of a pool: decides which request goes to which channel, and when. Loop thread only.
/// </summary>
/// <remarks>
/// A request goes to a channel that has room; what "room" is follows from the measured service time
/// (<see cref="ServiceTime"/>). A worker that is awake and has next to nothing to do gets it before a sleeping one is
/// woken. What was sent ahead and turns out to wait behind a slow request is taken back.
/// </remarks>
internal sealed partial class RequestQueue : ILoopWork
{
    // Waking a sleeping process takes 10 to 20 µs on each side, and gives each of two workers half a batch. Measured with
    // two workers on two cores, a worker that is awake is worth filling up to about this much waiting work.
    private const long WakeCost = 100_000;

    private static readonly TimeSpan SpillAfter = TimeSpan.FromMilliseconds(1);

    private readonly List<Channel> _channels = [];
    private readonly StreamList _waiting = new();
    private readonly LoopTimer _spillTimer;
    private readonly LoopTimer _claimTimer;
    private byte _application;

    internal RequestQueue(EventLoop loop)
    {
        _loop = loop;
        _spillTimer = loop.CreateTimer(this);
        _claimTimer = loop.CreateTimer(new LoopAction(WatchEventLoops));
    }

    /// <summary>What the workers serve; null until the first is ready. May be read on any thread.</summary>
    internal ApplicationInterface? Application => _application == 0 ? null : (ApplicationInterface)_application;

    /// <summary>Whether no worker serves and none could be started: requests are refused instead of kept waiting.</summary>
    internal bool IsDown { get; private set; }

    /// <summary>Number of requests that wait for a channel.</summary>
    internal int Waiting => _waiting.Count;

    /// <summary>Number of workers with a channel that takes requests.</summary>
    internal int Workers => _channels.DistinctBy(channel => channel.Worker).Count();

    /// <summary>Whether some channel takes requests. May be read on any thread.</summary>
    internal bool HasChannels => _channels.Count > 0;

    /// <summary>Sends the request, or lets it wait for a channel.</summary>
    internal void Add(WorkerStream stream)
    {
        stream.IsRetried = false;
        if (_timeout > 0)
        {
            NoteArrival(stream);
        }

        if (IsDown)
        {
            stream.OnFailed(StreamFailure.NoWorker, "");
        }
        else if (_waiting.Count == 0 && Choose(stream) is { } channel)
        {
            Send(channel, stream);
        }
        else if (_mostWaiting > 0 && _waiting.Count >= _mostWaiting)
        {
            RefuseSinceFull(stream);
        }
        else
        {
            stream.State = StreamState.Queued;
            _waiting.AddLast(stream);
            WatchClaims();
        }
    }

    /// <summary>Puts a request that a channel returned in front of the others: it has waited longest.</summary>
    internal void AddReturned(WorkerStream stream)
    {
        if (IsDown)
        {
            stream.OnFailed(StreamFailure.NoWorker, "");
            return;
        }

        if (stream.IsRetried && _timeout > 0)
        {
            // It has not waited all the time since it came.
            NoteArrival(stream);
        }

        stream.State = StreamState.Queued;
        _waiting.AddFirst(stream);
    }

    /// <summary>Takes out a request that waits.</summary>
    internal void Remove(WorkerStream stream)
    {
        _waiting.Remove(stream);
        stream.State = StreamState.Idle;
    }

    /// <summary>A channel began to take requests.</summary>
    internal void AddChannel(Channel channel) => AddChannels([channel]);

    /// <summary>Channels began to take requests.</summary>
    internal void AddChannels(IEnumerable<Channel> channels)
    {
        foreach (Channel channel in channels)
        {
            // First threads before second ones: two threads of one interpreter share its lock.
            int place = _channels.FindIndex(other => (other.Index, other.Worker.Number).CompareTo((channel.Index, channel.Worker.Number)) > 0);
            _channels.Insert(place < 0 ? _channels.Count : place, channel);
            _application = (byte)channel.Application;
            IsDown = false;
        }

        Distribute();
    }

    /// <summary>Keeps requests waiting although there is no worker: there will be some.</summary>
    internal void Hold() => IsDown = false;

    /// <summary>A channel takes no more requests.</summary>
    internal void RemoveChannel(Channel channel) => _channels.Remove(channel);

    /// <summary>Gives waiting requests to the channels that have room.</summary>
    internal void Distribute()
    {
        while (_waiting.First is { } stream && Choose(stream) is { } channel)
        {
            Remove(stream);
            Send(channel, stream);
        }
    }

    /// <summary>Gives waiting requests to a channel that may have room.</summary>
    internal void Fill(Channel channel)
    {
        while (true)
        {
            while (_waiting.First is { } stream && Accepts(channel, stream))
            {
                Remove(stream);
                Send(channel, stream);
            }

            if (channel.IsEventLoop || channel.Count > 0 || !channel.CanTake || !TakeBackOne())
            {
                return;
            }
        }
    }

    /// <summary>Refuses all that waits and all that comes, until a channel is added.</summary>
    internal void GoDown()
    {
        IsDown = true;
        while (_waiting.First is { } stream)
        {
            Remove(stream);
            stream.OnFailed(StreamFailure.NoWorker, "");
        }
    }

    /// <summary>Takes back what waits in a worker behind a request that has run for long.</summary>
    void ILoopWork.Run()
    {
        long now = Stopwatch.GetTimestamp();
        bool ahead = false;
        foreach (Channel channel in _channels)
        {
            if (channel.Count < 2 || channel.IsEventLoop)
            {
                continue;
            }

            TimeSpan running = Stopwatch.GetElapsedTime(channel.LastProgress, now);
            if (running >= SpillAfter)
            {
                channel.IsOverdue = true;
                channel.ReturnUnstarted();
            }
            else
            {
                ahead = true;
            }
        }

        Distribute();
        if (ahead && !_spillTimer.IsSet)
        {
            _spillTimer.Set(SpillAfter);
        }
    }

    /// <summary>Has a channel return a request that waits behind others for longer than it takes to wake a worker.</summary>
    private bool TakeBackOne()
    {
        foreach (Channel channel in _channels)
        {
            if (channel.Count > 1 && channel.PendingWork >= WakeCost && channel.TryReturnLast())
            {
                return true;
            }
        }

        return false;
    }

    private static bool Accepts(Channel channel, WorkerStream stream)
    {
        if (channel.IsEventLoop)
        {
            channel.ObserveClaims();
            return channel.CanTake;
        }

        return channel.CanTake && (channel.Count == 0 || (stream.CanSendAgain && !channel.IsOverdue));
    }

    private Channel? Choose(WorkerStream stream)
    {
        if (_application > (byte)ApplicationInterface.Wsgi)
        {
            return ChooseEventLoop();
        }

        Channel? idle = null;
        Channel? best = null;
        foreach (Channel channel in _channels)
        {
            if (!Accepts(channel, stream))
            {
                continue;
            }

            if (channel.Count == 0)
            {
                idle ??= channel;
            }
            else if (channel.PendingWork < WakeCost)
            {
                return channel;
            }
            else if (best is null || channel.PendingWork < best.PendingWork)
            {
                best = channel;
            }
        }

        return idle ?? best;
    }

    private void Send(Channel channel, WorkerStream stream)
    {
        channel.Send(stream);
        if (Watch is { IsSet: false } watch)
        {
            watch.Set(WatchInterval);
        }

        if (channel.IsEventLoop)
        {
            WatchUnstarted();
        }
        else if (channel.Count > 1 && !_spillTimer.IsSet)
        {
            _spillTimer.Set(SpillAfter);
        }
    }
}
