using Darter.Wire;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>
/// One request on its way through a pool. The HTTP server derives from it: it supplies the head, and the body as the
/// worker takes it, and is told the response. All members are for the pool's loop thread only.
/// </summary>
public abstract class WorkerStream
{
    internal Channel? Channel;
    internal uint Id;
    internal ushort Slot;
    internal StreamState State;
    internal WorkerStream? Previous;
    internal WorkerStream? Next;

    /// <summary>Sent to an event loop that was not seen to have started it.</summary>
    internal bool IsUnstarted;

    /// <summary>When an event loop was seen to have started it; in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    internal long StartedAt;

    /// <summary>Since when it waits to be started, 0 if nobody wants to know; in the same ticks.</summary>
    internal long WaitingSince;

    /// <summary>Whether it was given to a second worker after the first died while it ran it.</summary>
    internal bool IsRetried;

    /// <summary>Body bytes the worker still accepts on this stream.</summary>
    protected int RequestWindow { get; private set; }

    /// <summary>Whether neither the pool nor a channel holds the stream, so that it can carry another request.</summary>
    public bool IsIdle => State == StreamState.Idle;

    /// <summary>Whether a channel has the stream.</summary>
    protected bool IsSent => State == StreamState.Sent;

    /// <summary>Process id of the worker that has the stream, or 0.</summary>
    protected int WorkerProcessId => Channel?.Worker.ProcessId ?? 0;

    /// <summary>Whether it waits in the pool's queue.</summary>
    protected bool IsQueued => State == StreamState.Queued;

    /// <summary>Whether an event loop has the stream: it runs many at a time, and hears of a client that ends its side.</summary>
    protected bool IsOnEventLoop => Channel is { IsEventLoop: true };

    /// <summary>
    /// Whether the next piece of the response, or its end, is here already: the next call of <see cref="OnBody"/> or
    /// <see cref="OnEnd"/> follows at once, so that what came now need not be sent to the client by itself.
    /// </summary>
    protected internal bool IsFollowed { get; internal set; }

    /// <summary>
    /// Whether the request, body included, could be sent once more: nothing of it is consumed by sending. Such a request
    /// may be sent ahead of its turn and taken back; any other waits for a channel that starts it at once.
    /// </summary>
    protected internal abstract bool CanSendAgain { get; }

    /// <summary>
    /// A worker for <paramref name="application"/> is about to get the request. False: the stream has answered it itself,
    /// and is idle.
    /// </summary>
    protected internal virtual bool Prepare(ApplicationInterface application) => true;

    /// <summary>
    /// Whether a request that a worker had started may be run once more: it is idempotent, nothing of an answer has gone out,
    /// and it has no body.
    /// </summary>
    protected internal virtual bool MayRunAgain => false;

    /// <summary>What it is, for the log: method, target, id.</summary>
    protected internal virtual string Describe() => "a request";

    /// <summary>It is run once more, since the worker that ran it died.</summary>
    protected internal virtual void OnRunAgain()
    {
    }

    /// <summary>Whether the worker may answer 101: the request asks for a WebSocket.</summary>
    protected internal virtual bool CanUpgrade => false;

    /// <summary>Whether messages go both ways: the worker answered 101.</summary>
    protected internal virtual bool IsUpgraded => false;

    /// <summary>
    /// Whether it is a WebSocket or an event stream, which may last for ever: a worker that another one replaces keeps it
    /// for a while.
    /// </summary>
    protected internal virtual bool IsLasting => IsUpgraded;

    /// <summary>Writes the REQUEST frame.</summary>
    protected internal abstract void WriteRequest(FrameWriter writer, uint stream, ushort slot);

    /// <summary>Sends, with <see cref="SendBody"/>, as much of the body as is at hand and <see cref="RequestWindow"/> allows.</summary>
    protected internal abstract void SendAvailableBody();

    /// <summary>The head of the response came, with the beginning of its body; all of it when <paramref name="end"/>.</summary>
    protected internal abstract void OnResponse(scoped in ResponseHead head, bool end);

    /// <summary>An informational response (1xx) came.</summary>
    protected internal abstract void OnInformational(scoped in ResponseHead head);

    /// <summary>A piece of the body came.</summary>
    protected internal abstract void OnBody(ReadOnlySpan<byte> bytes);

    /// <summary>The next part of the body is a region of a file. The handle is the callee's to dispose.</summary>
    protected internal abstract void OnFile(SafeFileHandle file, long offset, long length);

    /// <summary>The trailer section came.</summary>
    protected internal virtual void OnTrailers(HeaderBlock trailers)
    {
    }

    /// <summary>A piece of a WebSocket message came; the last one when <paramref name="end"/>.</summary>
    protected internal virtual void OnMessage(MessageKind kind, ReadOnlySpan<byte> bytes, bool end)
    {
    }

    /// <summary>The application closes the WebSocket.</summary>
    protected internal virtual void OnClose(ushort code, ReadOnlySpan<byte> reason)
    {
    }

    /// <summary>The worker goes, and this one, which would last for ever, must end.</summary>
    protected internal virtual void OnWorkerLeaving()
    {
    }

    /// <summary>The response is complete.</summary>
    protected internal abstract void OnEnd();

    /// <summary>There will be no (further) response. <paramref name="message"/> is for the log.</summary>
    protected internal abstract void OnFailed(StreamFailure failure, string message);

    /// <summary>One of the other methods threw; the request cannot go on. Must not throw.</summary>
    protected internal abstract void OnBroken(Exception exception);

    /// <summary>Whether the request body is not sent completely; the channel takes no other request meanwhile.</summary>
    protected internal abstract bool IsSendingBody { get; }

    /// <summary>Sends a piece of the request body, at most <see cref="RequestWindow"/> bytes.</summary>
    protected void SendBody(ReadOnlySpan<byte> bytes, bool end)
    {
        RequestWindow -= bytes.Length;
        Channel!.SendBody(this, bytes, end);
    }

    /// <summary>Lets the worker send <paramref name="bytes"/> more of the response body.</summary>
    protected void GrantResponse(int bytes) => Channel?.GrantResponse(this, bytes);

    /// <summary>
    /// Sends a piece of a WebSocket message. It counts as <paramref name="charge"/> bytes of the <see cref="RequestWindow"/>.
    /// </summary>
    protected void SendMessage(MessageKind kind, ReadOnlySpan<byte> bytes, bool end, int charge)
    {
        RequestWindow -= charge;
        Channel!.SendMessage(this, kind, bytes, end);
    }

    /// <summary>Tells the worker that the WebSocket is closed.</summary>
    protected void SendClose(ushort code, ReadOnlySpan<byte> reason) => Channel!.SendClose(this, code, reason);

    /// <summary>Tells the event loop that the client has ended its side of the connection.</summary>
    protected void SendClientFinished() => Channel!.SendClientFinished(this);

    /// <summary>Lets a thread that runs the request see, should it look, that the client has ended its side.</summary>
    protected void MarkClientFinished() => Channel!.MarkClientFinished(this);

    /// <summary>Whether a worker has the request and has not started it.</summary>
    protected bool IsAhead => Channel is { } channel && channel.IsAhead(this);

    /// <summary>
    /// Takes back a request that nobody waits for any more, unless the worker that has it has started it. True: the stream is
    /// idle.
    /// </summary>
    protected bool TryTakeBack() => Channel is { } channel && channel.TryDrop(this);

    /// <summary>
    /// What comes from the worker goes to <paramref name="successor"/> from now on, which must be idle; this stream is free.
    /// </summary>
    protected void HandOver(WorkerStream successor) => Channel!.HandOver(this, successor);

    internal void ResetWindow() => RequestWindow = ChannelFormat.InitialRequestWindow;

    internal void OpenWindow(int bytes)
    {
        RequestWindow += bytes;
        SendAvailableBody();
    }
}
