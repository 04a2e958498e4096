using System.Buffers.Binary;
using System.Security.Cryptography;
using Darter.Server.WebSockets;
using Darter.Server.WebSockets.Events;
using Darter.Transport;
using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>
/// A WebSocket that the front holds for an application that only answers requests. What comes from the client becomes
/// requests with events, one at a time and in order; the answers' events go to the client, and so does what is published to
/// the channels that the application subscribed it to. No worker knows it, so it outlives them all. On the pool's loop.
/// </summary>
/// <remarks>The protocol is WebSocket-over-HTTP, with GRIP's control messages, as Pushpin and Fastly Fanout have it.</remarks>
internal sealed partial class HeldSocket : IWebSocketEnd
{
    private const int IdSize = 16;

    private readonly PythonApplication _application;
    private readonly ISocketHub _hub;
    private readonly EventLoop _loop;
    private readonly string _target;
    private readonly int _mostEvents;
    private ISocketSubscription? _subscription;
    private WebSocketConnection? _connection;
    private EventRequestHead? _head;
    private byte[]? _prefix;
    private bool _isClosed;
    private bool _isOver;

    /// <param name="application">The application it is for.</param>
    /// <param name="hub">What holds it.</param>
    /// <param name="target">The request's target, for the log.</param>
    internal HeldSocket(PythonApplication application, ISocketHub hub, string target)
    {
        _application = application;
        _hub = hub;
        _loop = application.Pool.Loop;
        _target = target;
        _mostEvents = application.Config.WebSockets.MaxQueue;
        _request = new EventRequest(application.Pool, this);
        Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdSize));
    }

    /// <summary>Names it towards the application.</summary>
    internal string Id { get; }

    /// <summary>The client has left before the application has answered.</summary>
    internal bool ClientLeft { get; set; }

    /// <inheritdoc/>
    int IWebSocketEnd.Room =>
        _isOver || _isClosed || _isDetached || (_pendingEvents < _mostEvents && PendingBytes < MostPending) ? ChannelFormat.MaxBodyChunk : 0;

    /// <summary>Has room made for it; false: there are too many, and the request was refused.</summary>
    internal bool TryHold(IHoldOwner owner)
    {
        _subscription = _hub.Hold(this, owner);
        return _subscription is not null;
    }

    /// <summary>What its requests begin with.</summary>
    internal void SetHead(EventRequestHead head) => _head = head;

    /// <summary>It does not come to be.</summary>
    internal void Abandon()
    {
        _isOver = true;
        _subscription?.Dispose();
        _subscription = null;
    }

    /// <summary>Whether an answer to OPEN accepts the WebSocket; if not, its <see cref="EventAnswer.Error"/> or the result says why.</summary>
    internal static string? Refusal(EventAnswer answer)
    {
        if (!answer.Verify())
        {
            return answer.Error;
        }

        SocketEventReader reader = new(answer.Body);
        if (!reader.TryRead(out SocketEvent first))
        {
            // Pushpin's rule: without an event the application must at least want to hear of it again.
            return answer.KeepAliveInterval > TimeSpan.Zero ? null : "its answer to OPEN has no events";
        }

        return first.Type == SocketEventType.Open ? null : "the first event of its answer to OPEN is not OPEN";
    }

    /// <summary>The application has accepted it: it leads to this client from now on.</summary>
    internal void Open(WebSocketConnection connection, EventAnswer answer)
    {
        _connection = connection;
        _prefix = answer.Grip?.MessagePrefix;
        using (answer)
        {
            Take(answer, isOpening: true);
        }

        Continue();
    }

    /// <inheritdoc/>
    void IWebSocketEnd.OnPiece(MessageKind kind, ReadOnlySpan<byte> bytes, bool last)
    {
        if (_isClosed || _isOver || _isDetached)
        {
            return;
        }

        Collect(kind == MessageKind.Text ? SocketEventType.Text : SocketEventType.Binary, bytes, last);
    }

    /// <inheritdoc/>
    void IWebSocketEnd.OnPing(ReadOnlySpan<byte> bytes)
    {
        // The front has answered; there is no event that the application would need.
    }

    /// <inheritdoc/>
    void IWebSocketEnd.OnPong(ReadOnlySpan<byte> bytes)
    {
        if (_passesPongs && !_isClosed && !_isOver && !_isDetached)
        {
            Enqueue(SocketEventType.Pong, bytes);
        }
    }

    /// <inheritdoc/>
    void IWebSocketEnd.OnClosed(ushort code, ReadOnlySpan<byte> reason)
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        EndSubscriptions();
        DropMessage();
        if (_isOver || _isDetached)
        {
            return;
        }

        if (code == CloseCode.Abnormal)
        {
            Enqueue(SocketEventType.Disconnect, default);
        }
        else if (code == CloseCode.None)
        {
            Enqueue(SocketEventType.Close, default);
        }
        else
        {
            Span<byte> content = stackalloc byte[CloseMessage.MaxSize];
            BinaryPrimitives.WriteUInt16BigEndian(content, code);
            reason.CopyTo(content[2..]);
            Enqueue(SocketEventType.Close, content[..(2 + reason.Length)]);
        }
    }

    /// <inheritdoc/>
    void IWebSocketEnd.OnTaken(int charge)
    {
        SendPublished();
        Continue();
    }

    /// <inheritdoc/>
    void IWebSocketEnd.OnEnded()
    {
        _subscription?.Dispose();
        _subscription = null;
    }

    /// <summary>Closes it, since something is wrong.</summary>
    private void Fail(ushort code, string cause)
    {
        if (_isOver)
        {
            return;
        }

        PythonApplication.Log.HeldSocketFailed(_application.Logger, _target, Id, code, cause);
        EndTowardsApplication();
        EndSubscriptions();
        _connection?.Close(code, default);
    }

    /// <summary>The application hears nothing more of it.</summary>
    private void EndTowardsApplication()
    {
        _isOver = true;
        DropMessage();
        DropPending();
        _keepAliveTimer?.Cancel();
        _retryTimer?.Cancel();
        if (!_request.IsRunning)
        {
            _request.Release();
        }

        _connection?.Resume();
    }

    private void EndSubscriptions()
    {
        _subscription?.UnsubscribeAll();
        _published.Clear();
        _publishedBytes = 0;
        _clientKeepAlive?.Stop();
        _delayed?.Cancel();
    }
}
