using System.Diagnostics;
using Darter.Transport;
using Darter.Wire;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>
/// The front's end of a channel: the lane to one Python execution context. Lives on one loop; whatever is queued for the
/// worker in a pass of the loop leaves at its end, in one write.
/// </summary>
internal sealed partial class Channel : IReadinessHandler, ILoopWork
{
    private readonly EventLoop _loop;
    private readonly IChannelOwner _owner;
    private readonly SafeFileHandle _socket;
    private readonly ClaimPage _claims;
    private readonly byte[] _token;
    private readonly FrameWriter _writer = new(new OutgoingBuffer());
    private readonly Dictionary<uint, InFlight> _streams = [];
    private readonly StreamList _sent = new();
    private uint _lastStream;
    private int _sendingBodies;

    internal Channel(EventLoop loop, IChannelOwner owner, Worker worker, int index, SafeFileHandle socket, ClaimPage claims, byte[] token)
    {
        _loop = loop;
        _owner = owner;
        Worker = worker;
        Index = index;
        _socket = socket;
        _claims = claims;
        _token = token;
    }

    /// <summary>The worker behind the channel.</summary>
    internal Worker Worker { get; }

    /// <summary>Which of the worker's channels it is; the first is the main thread's.</summary>
    internal int Index { get; }

    internal ChannelState State { get; private set; }

    /// <summary>Whether the worker said hello.</summary>
    internal bool IsGreeted { get; private set; }

    /// <summary>Requests that the worker holds, those nobody waits for any more included.</summary>
    internal int Count => _streams.Count;

    /// <summary>Whether requests that may be run once more go back to the owner when the worker dies.</summary>
    internal bool RepeatsIdempotent { get; init; }

    /// <summary>When the worker last ended a request, or began to have one; in ticks of <see cref="Stopwatch"/>.</summary>
    internal long LastProgress { get; private set; }

    /// <summary>Whether the request that runs has been running for so long that nothing is to wait behind it.</summary>
    internal bool IsOverdue { get; set; }

    /// <summary>What the worker serves; known from the moment the channel is ready.</summary>
    internal ApplicationInterface Application { get; private set; }

    /// <summary>Whether an event loop is behind the channel, which runs many requests at a time.</summary>
    internal bool IsEventLoop { get; private set; }

    /// <summary>How long the application takes for a request; of an event loop, how long it was occupied by it.</summary>
    internal ServiceTime ServiceTime { get; } = new();

    /// <summary>
    /// Whether one more request may be sent now. Behind a body that is still being sent nothing may follow: the worker
    /// would have to keep it while the application reads. An event loop keeps nothing from others while it reads, and what
    /// it has started takes no room.
    /// </summary>
    internal bool CanTake => State == ChannelState.Ready
        && (IsEventLoop ? Room > 0 : _sendingBodies == 0 && _streams.Count < ServiceTime.Depth);

    /// <summary>Work that waits in the worker, in nanoseconds, by the measured service time.</summary>
    internal long PendingWork => (IsEventLoop ? Unstarted : _streams.Count) * ServiceTime.Nanoseconds;

    private int Descriptor => (int)_socket.DangerousGetHandle();

    /// <summary>Begins to listen; the worker speaks first.</summary>
    internal void Open() => _loop.WatchInput(Descriptor, this);

    /// <summary>Sends a request, unless it is answered without the worker. It leaves at the end of the loop's pass.</summary>
    internal void Send(WorkerStream stream)
    {
        Debug.Assert(_loop.IsCurrent && State == ChannelState.Ready, "a request was sent on a channel that is not ready");
        if (!stream.Prepare(Application))
        {
            return;
        }

        if (_streams.Count == 0)
        {
            LastProgress = Stopwatch.GetTimestamp();
        }

        uint id = NextStream();
        stream.Channel = this;
        stream.Id = id;
        stream.Slot = stream.CanSendAgain ? _claims.Offer(id) : IsEventLoop ? Claim.NoSlot : _claims.Hold(id);
        stream.State = StreamState.Sent;
        stream.ResetWindow();
        _streams.Add(id, new InFlight(stream, stream.Slot));
        _sent.AddLast(stream);
        if (IsEventLoop)
        {
            AddUnstarted(stream);
        }

        stream.WriteRequest(_writer, id, stream.Slot);
        if (stream.IsSendingBody)
        {
            _sendingBodies++;
            stream.SendAvailableBody();
        }

        ScheduleFlush();
    }

    /// <summary>Sends a piece of a request's body.</summary>
    internal void SendBody(WorkerStream stream, ReadOnlySpan<byte> bytes, bool end)
    {
        _writer.WriteBody(stream.Id, bytes, end);
        if (end)
        {
            _sendingBodies--;
        }

        ScheduleFlush();
    }

    /// <summary>Lets the worker send more of a response.</summary>
    internal void GrantResponse(WorkerStream stream, int bytes)
    {
        _writer.WriteWindow(stream.Id, bytes);
        ScheduleFlush();
    }

    /// <summary>Sends a piece of a WebSocket message.</summary>
    internal void SendMessage(WorkerStream stream, MessageKind kind, ReadOnlySpan<byte> bytes, bool end)
    {
        Span<byte> payload = _writer.Begin(1 + bytes.Length);
        payload[0] = (byte)kind;
        bytes.CopyTo(payload[1..]);
        _writer.Complete(FrameType.Message, end ? FrameFlags.End : FrameFlags.None, stream.Id, 1 + bytes.Length);
        ScheduleFlush();
    }

    /// <summary>Tells the worker that a WebSocket is closed.</summary>
    internal void SendClose(WorkerStream stream, ushort code, ReadOnlySpan<byte> reason)
    {
        int length = CloseMessage.Write(_writer.Begin(CloseMessage.MaxSize), code, reason);
        _writer.Complete(FrameType.Close, FrameFlags.None, stream.Id, length);
        ScheduleFlush();
    }

    /// <summary>Tells the worker that the client has ended its side of the connection.</summary>
    internal void SendClientFinished(WorkerStream stream)
    {
        _writer.Write(FrameType.Cancel, FrameFlags.None, stream.Id, CancelReason.ClientFinished);
        ScheduleFlush();
    }

    /// <summary>Puts <paramref name="successor"/> in the place of a stream that the worker has started.</summary>
    internal void HandOver(WorkerStream stream, WorkerStream successor)
    {
        Debug.Assert(successor.IsIdle, "a stream that is in use cannot take the place of another");
        ObserveClaims();
        uint id = stream.Id;
        ushort slot = stream.Slot;
        Detach(stream);
        successor.Channel = this;
        successor.Id = id;
        successor.Slot = slot;
        successor.State = StreamState.Sent;
        successor.ResetWindow();
        _streams[id] = new InFlight(successor, slot);
        _sent.AddFirst(successor);
        if (_endsWebSockets)
        {
            successor.OnWorkerLeaving();
        }
    }

    /// <summary>
    /// Nobody waits for the stream any more. If it was not started the worker will drop it; else it is told, and what it
    /// still sends is ignored. The stream is free afterwards.
    /// </summary>
    internal void Cancel(WorkerStream stream)
    {
        uint id = stream.Id;
        ushort slot = stream.Slot;
        bool revoked = _claims.TryRevoke(slot, id);
        Detach(stream);
        if (revoked)
        {
            Forget(id, slot);
        }
        else
        {
            _streams[id] = new InFlight(null, slot);
            _claims.Cancel(slot, id);
            _writer.Write(FrameType.Cancel, FrameFlags.None, id, CancelReason.ClientGone);
            ScheduleFlush();
        }

        _owner.OnProgress(this);
    }

    /// <summary>Takes back all that the worker has not started, last first, and hands it to the owner.</summary>
    internal void ReturnUnstarted()
    {
        for (WorkerStream? stream = _sent.Last; stream is not null;)
        {
            WorkerStream current = stream;
            stream = stream.Previous;
            TryReturn(current);
        }
    }

    /// <summary>Takes back the request that was sent last, unless the worker has started it, and hands it to the owner.</summary>
    internal bool TryReturnLast() => _sent.Last is { } stream && TryReturn(stream);

    /// <summary>The worker's process is gone: takes what it still sent, then closes the channel.</summary>
    internal void Finish()
    {
        if (State != ChannelState.Closed)
        {
            // It takes no further request.
            State = ChannelState.Draining;
            Receive(peerClosed: true);
            Close();
        }
    }

    /// <summary>
    /// Closes the channel: what was not started goes back to the owner, the rest fails.
    /// </summary>
    internal void Close(string? error = null)
    {
        if (State == ChannelState.Closed)
        {
            return;
        }

        // What is returned must not come back to this channel. What is still offered was certainly not started, since the
        // worker claims nothing any more.
        State = ChannelState.Closed;
        ReturnUnstarted();
        ReturnRepeatable();
        while (_sent.First is { } stream)
        {
            Detach(stream);
            stream.OnFailed(StreamFailure.WorkerDied, "");
        }

        _streams.Clear();
        _loop.Unwatch(Descriptor);
        _socket.Dispose();
        _claims.Dispose();
        _receiveBuffer.Dispose();
        _writer.Buffer.Dispose();
        while (_files.TryDequeue(out SafeFileHandle? file))
        {
            file.Dispose();
        }

        _owner.OnClosed(this, error);
    }

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        if ((readiness & Readiness.Writable) != 0 && _writer.Buffer.Length > 0)
        {
            Flush();
        }

        if ((readiness & (Readiness.Readable | Readiness.Closed)) != 0)
        {
            Receive(peerClosed: (readiness & Readiness.Closed) != 0);
        }
    }

    private uint NextStream()
    {
        do
        {
            _lastStream = _lastStream >= (1 << 30) - 1 ? 1 : _lastStream + 1;
        }
        while (_streams.ContainsKey(_lastStream));
        return _lastStream;
    }

    private bool TryReturn(WorkerStream stream)
    {
        if (!TryTakeBack(stream))
        {
            return false;
        }

        _owner.OnReturned(stream);
        return true;
    }

    private void Detach(WorkerStream stream)
    {
        if (stream.IsSendingBody)
        {
            _sendingBodies--;
        }

        if (stream.IsUnstarted)
        {
            RemoveUnstarted(stream);
        }

        _sent.Remove(stream);
        stream.State = StreamState.Idle;
        stream.Channel = null;
    }

    private void Forget(uint id, ushort slot)
    {
        _streams.Remove(id);
        _claims.Release(slot);
    }

    private readonly record struct InFlight(WorkerStream? Stream, ushort Slot);
}
