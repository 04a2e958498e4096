using Darter.Server.WebSockets;
using Darter.Server.WebSockets.Events;
using Darter.Transport;
using Darter.Wire;
using Darter.Workers;

namespace Darter.Server.Applications;

/// <summary>From the client to the application.</summary>
internal sealed partial class HeldSocket : IEventSender
{
    // What waits beside one message, which may be as long as --ws-max-size; then no more is read from the client.
    private const int MostPending = 1024 * 1024;

    // While so much waits for the client the application is not asked for more.
    private const int MostUnsent = 1024 * 1024;

    private const int LeastBuffer = 512;
    private const int MostRetries = 5;

    private readonly EventRequest _request;
    private OutgoingBuffer? _pending;
    private OutgoingBuffer? _message;
    private EventMeta? _meta;
    private LoopTimer? _keepAliveTimer;
    private LoopTimer? _retryTimer;
    private TimeSpan _keepAliveInterval;
    private int _pendingEvents;
    private int _retries;
    private bool _isRefreshDue;
    private bool _passesPongs;

    /// <inheritdoc/>
    string IEventSender.Description => $"POST {_target} (events of the WebSocket {Id})";

    private int PendingBytes => _pending?.Length ?? 0;

    /// <inheritdoc/>
    void IEventSender.WriteHead(FrameWriter writer, uint stream, ushort slot, int length) => WriteHead(writer, stream, slot, length);

    /// <summary>Writes the head of a request with events.</summary>
    internal void WriteHead(FrameWriter writer, uint stream, ushort slot, int length) =>
        _head!.Write(writer, stream, slot, length, _meta, _hub.Sign());

    /// <inheritdoc/>
    void IEventSender.OnAnswered(EventAnswer answer)
    {
        _retries = 0;
        using (answer)
        {
            if (_isOver)
            {
                return;
            }

            if (!answer.Verify())
            {
                Fail(CloseCode.InternalError, $"the application's answer is malformed: {answer.Error}");
                return;
            }

            Take(answer, isOpening: false);
        }

        Continue();
    }

    /// <inheritdoc/>
    void IEventSender.OnRejected(int status) =>
        Fail(CloseCode.InternalError, $"the application answered {status}, or something else than {SocketEventReader.MediaType}");

    /// <inheritdoc/>
    void IEventSender.OnFailed(StreamFailure failure, string message)
    {
        bool reachedNobody = failure is StreamFailure.NoWorker or StreamFailure.QueueFull or StreamFailure.QueueTimedOut;
        if (reachedNobody && !_isOver && _retries < MostRetries)
        {
            _retryTimer ??= _loop.CreateTimer(new LoopCall(_request.SendAgain));
            _retryTimer.Set(TimeSpan.FromSeconds(1 << _retries++));
            return;
        }

        _request.Release();
        (ushort code, string cause) = failure switch
        {
            StreamFailure.NoWorker => (CloseCode.TryAgainLater, "no worker is there to take its events"),
            StreamFailure.QueueFull => (CloseCode.TryAgainLater, "the queue was full each time (--max-queue)"),
            StreamFailure.QueueTimedOut => (CloseCode.TryAgainLater, "no worker took its events in time (--queue-timeout)"),
            StreamFailure.WorkerDied => (CloseCode.InternalError, "the worker died while it had its events"),
            StreamFailure.TimedOut => (CloseCode.InternalError, message),
            _ => (CloseCode.InternalError, $"the application raised an exception: {message}"),
        };
        Fail(code, cause);
    }

    /// <summary>Takes a piece of a message; a message becomes an event when it is whole.</summary>
    private void Collect(SocketEventType type, ReadOnlySpan<byte> bytes, bool last)
    {
        if (last && _message is null)
        {
            Enqueue(type, bytes);
            return;
        }

        _message ??= new OutgoingBuffer(Math.Max(bytes.Length, LeastBuffer));
        bytes.CopyTo(_message.GetSpan(bytes.Length));
        _message.Advance(bytes.Length);
        if (last)
        {
            Enqueue(type, _message.Span);
            DropMessage();
        }
    }

    private void Enqueue(SocketEventType type, ReadOnlySpan<byte> content)
    {
        _pending ??= new OutgoingBuffer(LeastBuffer);
        if (content.IsEmpty && type is not (SocketEventType.Text or SocketEventType.Binary))
        {
            SocketEventWriter.Write(_pending, type);
        }
        else
        {
            SocketEventWriter.Write(_pending, type, content);
        }

        _pendingEvents++;
        Continue();
    }

    /// <summary>Sends what waits, if nothing is under way and the client keeps up with the answers.</summary>
    private void Continue()
    {
        if (_isOver || _request.IsRunning || _connection is not { } connection || _retryTimer is { IsSet: true })
        {
            return;
        }

        if (!_isClosed && connection.Unsent >= MostUnsent)
        {
            return;
        }

        if (_pending is { } events)
        {
            _pending = null;
            _pendingEvents = 0;
            _isRefreshDue = false;
            _keepAliveTimer?.Cancel();
            bool isLast = _isClosed;
            _request.Send(events);
            if (!isLast)
            {
                connection.Resume();
            }

            return;
        }

        if (_isClosed)
        {
            // The last event was answered.
            EndTowardsApplication();
        }
        else if (_isRefreshDue && !_isDetached)
        {
            _isRefreshDue = false;
            _keepAliveTimer?.Cancel();
            _request.Send(null);
        }
        else if (_keepAliveInterval > TimeSpan.Zero && !_isDetached)
        {
            // What goes to the client meanwhile, a ping or something published, does not put it off.
            _keepAliveTimer ??= _loop.CreateTimer(new LoopCall(Refresh));
            if (!_keepAliveTimer.IsSet)
            {
                _keepAliveTimer.Set(_keepAliveInterval);
            }
        }
    }

    /// <summary>Asks the application, by a request without events if there are none.</summary>
    private void Refresh()
    {
        _isRefreshDue = true;
        Continue();
    }

    private void DropMessage()
    {
        _message?.Dispose();
        _message = null;
    }

    private void DropPending()
    {
        _pending?.Dispose();
        _pending = null;
        _pendingEvents = 0;
    }
}
