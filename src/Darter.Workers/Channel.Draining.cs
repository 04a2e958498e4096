using Darter.Wire;

namespace Darter.Workers;

/// <summary>The worker is asked to go, and what would last for ever must end some time.</summary>
internal sealed partial class Channel
{
    private bool _endsWebSockets;

    /// <summary>Whether a WebSocket or an event stream runs.</summary>
    internal bool HasStreams => CountStreams() > 0;

    /// <summary>
    /// Asks the worker to finish what it has and to go. Its WebSockets are closed, unless they may stay with it.
    /// </summary>
    internal void Drain(bool keepStreams)
    {
        if (State is ChannelState.Ready or ChannelState.Loading or ChannelState.Opening)
        {
            if (State != ChannelState.Opening)
            {
                _writer.Write(FrameType.Drain, FrameFlags.None, 0);
                ScheduleFlush();
            }

            State = ChannelState.Draining;
        }

        if (!keepStreams && !_endsWebSockets && State == ChannelState.Draining)
        {
            _endsWebSockets = true;
            TellLeaving(static stream => stream.IsUpgraded);
        }
    }

    /// <summary>Ends the WebSockets and event streams of a worker that leaves.</summary>
    internal void EndStreams()
    {
        _endsWebSockets = true;
        TellLeaving(static stream => stream.IsLasting);
    }

    /// <summary>How many WebSockets and event streams run. Looks at every request.</summary>
    internal int CountStreams()
    {
        int count = 0;
        for (WorkerStream? stream = _sent.First; stream is not null; stream = stream.Next)
        {
            count += stream.IsLasting ? 1 : 0;
        }

        return count;
    }

    private void TellLeaving(Predicate<WorkerStream> concerned)
    {
        for (WorkerStream? stream = _sent.First; stream is not null;)
        {
            WorkerStream current = stream;
            stream = stream.Next;
            if (concerned(current))
            {
                current.OnWorkerLeaving();
            }
        }
    }
}
