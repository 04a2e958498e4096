using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Hub;

/// <summary>
/// <c>Grip-Hold: stream</c>: the application's body, then what the history has, then each message as it is published.
/// </summary>
internal sealed class HeldStream : HeldConnection
{
    // Given to the HTTP server at a time.
    private const int WriteSize = 64 * 1024;

    // The application's; on the loop.
    private Queue<byte[]>? _body;

    // Under the lock, since messages come from any thread. What was replayed has its bound in the history's.
    private readonly Lock _gate = new();
    private Queue<ReadOnlyMemory<byte>>? _replayed;
    private Queue<ReadOnlyMemory<byte>>? _messages;
    private long _queued;
    private bool _isTooSlow;
    private bool _isClosed;

    private int _buffered;
    private bool _hasBody;
    private long _lastWrite;
    private long _lastKeepAlive;

    internal HeldStream(AnswerHolder holder, GripInstruct instruct, IFeatureCollection features, IHoldOwner owner)
        : base(holder, instruct, features, owner)
    {
        IHeaderDictionary headers = Http!.Response.Headers;
        if (!StringValues.IsNullOrEmpty(headers.ContentEncoding) && headers.ContentEncoding != "identity")
        {
            throw new GripException($"a stream to which messages are added cannot be encoded (Content-Encoding: {headers.ContentEncoding})");
        }

        // It was that of the beginning.
        headers.ContentLength = null;
        headers.Remove("Trailer");
        Http.PrepareToDetach();
        _lastWrite = _lastKeepAlive = BeganAt;
    }

    /// <inheritdoc/>
    public override string Kind => "stream";

    /// <inheritdoc/>
    public override int Buffered => _buffered;

    /// <inheritdoc/>
    public override void OnBody(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty && !IsEnding)
        {
            (_body ??= new Queue<byte[]>()).Enqueue(bytes.ToArray());
            _buffered += bytes.Length;

            // What is here already goes out in one write.
            Schedule();
        }
    }

    /// <inheritdoc/>
    public override void OnBodyEnd()
    {
        _hasBody = true;
        IsClosing |= Holder.Held.IsGoingAway;
        if (!IsEnding)
        {
            Advance();
        }
    }

    /// <inheritdoc/>
    public override bool Deliver(HubItem item, bool isReplay)
    {
        if (item.Stream is not { Action: HubAction.Send or HubAction.Close } message || (isReplay && message.Action == HubAction.Close))
        {
            return false;
        }

        lock (_gate)
        {
            if (_isClosed || _isTooSlow)
            {
                return false;
            }

            if (message.Action == HubAction.Close)
            {
                _isClosed = true;
            }
            else if (isReplay)
            {
                (_replayed ??= new Queue<ReadOnlyMemory<byte>>()).Enqueue(message.Content);
            }
            else
            {
                (_messages ??= new Queue<ReadOnlyMemory<byte>>(1)).Enqueue(message.Content);
                _queued += message.Content.Length;
                _isTooSlow = _queued > Holder.Config.MaxQueue && _messages.Count > 1 && !MakeRoom();
            }
        }

        Schedule();
        return true;
    }

    /// <inheritdoc/>
    protected override void Advance()
    {
        bool isFirst = !IsStarted && _hasBody;
        while (!IsWriting && !IsEnding)
        {
            if (_isTooSlow)
            {
                // It comes again, with the id of what it got last.
                BreakOff();
                return;
            }

            if (!WriteSome() && !isFirst)
            {
                break;
            }

            isFirst = false;
            _lastWrite = Environment.TickCount64;
            Flush();
        }

        if (!IsWriting && !IsEnding && _hasBody && (IsClosing || _isClosed) && IsDrained)
        {
            End();
        }
        else
        {
            DetachIfDone();
        }
    }

    /// <inheritdoc/>
    protected override void OnTimeHeld(long now)
    {
        DetachIfDone();
        long since = Instruct.KeepsAliveAlways ? _lastKeepAlive : _lastWrite;
        if (Instruct.KeepAlive.IsEmpty || !_hasBody || IsWriting || now - since < Instruct.KeepAliveTime.TotalMilliseconds)
        {
            return;
        }

        _lastKeepAlive = _lastWrite = now;
        Write(Instruct.KeepAlive.Span);
        Flush();
    }

    /// <summary>From now on there are only messages: the HTTP server is not needed.</summary>
    private void DetachIfDone()
    {
        if (Http is { MayDetach: true } && _hasBody && !IsWriting && !IsEnding && IsDrained)
        {
            TryDetach();
        }
    }

    private bool IsDrained
    {
        get
        {
            lock (_gate)
            {
                return _replayed is null or { Count: 0 } && _messages is null or { Count: 0 };
            }
        }
    }

    /// <summary>Drops the oldest messages, if that is what the application wants with a slow client.</summary>
    private bool MakeRoom()
    {
        while (Instruct.DropsMessages && _queued > Holder.Config.MaxQueue && _messages!.Count > 1)
        {
            _queued -= _messages!.Dequeue().Length;
        }

        return Instruct.DropsMessages;
    }

    /// <summary>Writes what waits, up to a bound; false: nothing does.</summary>
    private bool WriteSome()
    {
        int size = 0;
        while (size < WriteSize && _body is not null && _body.TryDequeue(out byte[]? bytes))
        {
            Write(bytes);
            size += bytes.Length;
            _buffered -= bytes.Length;
        }

        if (size > 0 && !_hasBody)
        {
            Http!.Owner.OnHoldProgress();
        }

        while (_hasBody && size < WriteSize && TryTake(out ReadOnlyMemory<byte> message))
        {
            Write(message.Span);
            size += message.Length;
        }

        return size > 0;
    }

    private bool TryTake(out ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            if (_replayed is not null && _replayed.TryDequeue(out message))
            {
                return true;
            }

            if (_messages is not null && _messages.TryDequeue(out message))
            {
                _queued -= message.Length;
                return true;
            }

            message = default;
            return false;
        }
    }
}
