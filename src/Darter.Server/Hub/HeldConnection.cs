using Darter.Server.Observability;
using Darter.Transport;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Hub;

/// <summary>
/// A response that is held: what both kinds have in common, which is the subscription, writing to the client, and the end.
/// On the pool's loop, but for <see cref="Deliver"/>.
/// </summary>
internal abstract class HeldConnection : IHeldAnswer, IHubSubscriber, ILoopWork
{
    // As for other responses: what a client may take for what it was given at a time.
    private const long WriteTime = 60_000;

    private IHeldOutput _output;
    private HubSubscription? _subscription;
    private int _isScheduled;
    private bool _isWriting;
    private bool _isOver;
    private long _writingSince;
    private volatile HeldFlush _flush;
    private RequestEnd _end = RequestEnd.Complete;
    private bool _isEnding;

    protected HeldConnection(AnswerHolder holder, GripInstruct instruct, IFeatureCollection features, IHoldOwner owner)
    {
        Holder = holder;
        Instruct = instruct;
        Address = owner.ClientAddress;
        Http = new HttpOutput(this, features, owner);
        _output = Http;
        BeganAt = Environment.TickCount64;
    }

    /// <inheritdoc/>
    public abstract string Kind { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Meta => Instruct.Meta;

    /// <inheritdoc/>
    public bool IsStarted => _output.IsStarted;

    /// <inheritdoc/>
    public abstract int Buffered { get; }

    /// <summary>Where the registry has it.</summary>
    internal int Index { get; set; }

    /// <summary>The client, as it is counted.</summary>
    internal string Address { get; }

    protected AnswerHolder Holder { get; }

    protected GripInstruct Instruct { get; }

    /// <summary>The request and its response; null once its connection was taken from the HTTP server.</summary>
    protected HttpOutput? Http { get; private set; }

    /// <summary>When it began, in milliseconds.</summary>
    protected long BeganAt { get; }

    /// <summary>Whether it is to end once all that waits is out.</summary>
    protected bool IsClosing { get; set; }

    /// <summary>Whether something is on its way to the client, so that nothing more can be written now.</summary>
    protected bool IsWriting => _isWriting;

    /// <summary>Whether nothing more is to be written.</summary>
    protected bool IsEnding => _isEnding;

    /// <summary>Bytes of the body so far.</summary>
    protected long Written { get; private set; }

    /// <inheritdoc/>
    public abstract void OnBody(ReadOnlySpan<byte> bytes);

    /// <inheritdoc/>
    public abstract void OnBodyEnd();

    /// <inheritdoc/>
    public abstract bool Deliver(HubItem item, bool isReplay);

    /// <inheritdoc/>
    public void Abandon() => End(RequestEnd.ClientLeft);

    /// <summary>Subscribes; what the history has for it is delivered.</summary>
    internal HubRefusal Subscribe(string? lastEventId)
    {
        _subscription = Holder.Hub.Subscribe(this, Instruct.Channels, lastEventId, out HubRefusal refusal);
        return refusal;
    }

    /// <summary>A flush that waited is done. Any thread.</summary>
    internal void OnFlushed(bool isBroken)
    {
        _flush = isBroken ? HeldFlush.Broken : HeldFlush.Done;
        Schedule();
    }

    /// <summary>The client is gone, and what was on its way to it with it.</summary>
    internal void OnPeerGone()
    {
        _isWriting = false;
        End(RequestEnd.ClientLeft);
    }

    /// <summary>The server goes away.</summary>
    internal void GoAway()
    {
        IsClosing = true;
        Schedule();
    }

    /// <summary>Time has passed.</summary>
    /// <param name="now">Milliseconds.</param>
    internal void OnTime(long now)
    {
        if (_isWriting && now - _writingSince > WriteTime)
        {
            BreakOff();
        }
        else if (!_isEnding)
        {
            OnTimeHeld(now);
        }
    }

    /// <inheritdoc/>
    void ILoopWork.Run()
    {
        Volatile.Write(ref _isScheduled, 0);
        if (_isWriting && _flush != HeldFlush.Waiting)
        {
            _isWriting = false;
            if (_flush == HeldFlush.Broken)
            {
                End(RequestEnd.ClientLeft);
            }
        }

        if (!_isEnding)
        {
            Advance();
        }
        else if (!_isWriting)
        {
            Finish();
        }
    }

    /// <summary>Does what can be done now: writes what waits, or ends. Not called once it is to end.</summary>
    protected abstract void Advance();

    /// <inheritdoc cref="OnTime"/>
    protected abstract void OnTimeHeld(long now);

    /// <summary>Has <see cref="Advance"/> called. Any thread.</summary>
    protected void Schedule()
    {
        if (Interlocked.Exchange(ref _isScheduled, 1) == 0)
        {
            Holder.Loop.Post(this);
        }
    }

    /// <summary>Adds bytes of the body; <see cref="Flush"/> follows.</summary>
    protected void Write(ReadOnlySpan<byte> bytes)
    {
        Written += bytes.Length;
        _output.Write(bytes);
    }

    /// <summary>Sends the head, and what was written. <see cref="IsWriting"/> tells whether that goes on.</summary>
    protected void Flush()
    {
        // Before its end can be told.
        _flush = HeldFlush.Waiting;
        switch (_output.Flush())
        {
            case HeldFlush.Waiting:
                _isWriting = true;
                _writingSince = Environment.TickCount64;
                break;
            case HeldFlush.Broken:
                End(RequestEnd.ClientLeft);
                break;
        }
    }

    /// <summary>
    /// Goes on without the HTTP server, if that can be: the head and all that was written are out, and the application is done.
    /// </summary>
    protected void TryDetach()
    {
        if (Http?.TryDetach(Holder.Batch) is { } output)
        {
            _output = output;
            Http = null;
            Holder.Held.Memory.OnDetached();
        }
    }

    /// <summary>Ends the response: it is complete.</summary>
    protected void End() => End(RequestEnd.Complete);

    /// <summary>Breaks the connection, or the stream of HTTP/2, off.</summary>
    protected void BreakOff()
    {
        _output.BreakOff();
        End(RequestEnd.BrokenOff);
    }

    private void End(RequestEnd end)
    {
        if (_isEnding)
        {
            return;
        }

        _isEnding = true;
        _end = end;
        _subscription?.Dispose();
        if (!_isWriting)
        {
            Finish();
        }
    }

    private void Finish()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        Holder.Held.Remove(this);
        Holder.Hub.Admission.Leave(Address);
        _output.End(Written, _end);
    }
}
