using System.Text;
using Darter.Wire;

namespace Darter.Server.Hub;

/// <summary>A held WebSocket in the hub.</summary>
internal sealed class SocketHubMember : IHubSubscriber, ISocketSubscription
{
    private readonly MessageHub _hub;
    private readonly ISocketSubscriber _socket;
    private readonly string _address;
    private HubSubscription? _subscription;
    private volatile IReadOnlyDictionary<string, string> _meta = new Dictionary<string, string>();
    private bool _isOver;
    private bool _isLeft;

    internal SocketHubMember(MessageHub hub, ISocketSubscriber socket, string address)
    {
        _hub = hub;
        _socket = socket;
        _address = address;
    }

    /// <inheritdoc/>
    public string Kind => "websocket";

    /// <inheritdoc/>
    /// <remarks>It is replaced, and not changed.</remarks>
    public IReadOnlyDictionary<string, string> Meta => _meta;

    /// <inheritdoc/>
    public string? Subscribe(string channel, string? prevId, IReadOnlyList<string> filters)
    {
        HubChannelRequest request;
        try
        {
            request = GripHeaders.ChannelOf(channel, prevId, filters);
        }
        catch (GripException exception)
        {
            return exception.Message;
        }

        HubRefusal refusal;
        if (_isOver)
        {
            return null;
        }

        if (_subscription is { } subscription)
        {
            refusal = subscription.Add([request]);
        }
        else
        {
            _subscription = _hub.Subscribe(this, [request], lastEventId: null, out refusal);
        }

        return refusal switch
        {
            HubRefusal.None => null,
            HubRefusal.Channels => "there are as many channels as --hub-max-channels allows",
            _ => $"a connection has at most {HubLimits.ChannelsOfConnection} channels",
        };
    }

    /// <inheritdoc/>
    public void Unsubscribe(string channel) => _subscription?.Remove(channel);

    /// <inheritdoc/>
    public void SetMeta(string name, string? value)
    {
        Dictionary<string, string> changed = new(_meta);
        if (value is null)
        {
            changed.Remove(name);
        }
        else
        {
            changed[name] = value;
        }

        _meta = changed;
    }

    /// <inheritdoc/>
    public void UnsubscribeAll()
    {
        _isOver = true;
        _subscription?.Dispose();
        _subscription = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        UnsubscribeAll();
        if (!_isLeft)
        {
            _isLeft = true;
            _hub.Admission.Leave(_address);
        }
    }

    /// <inheritdoc/>
    public bool Deliver(HubItem item, bool isReplay)
    {
        if (item.Socket is not { } message || message.Action == HubAction.Hint)
        {
            return false;
        }

        _socket.Deliver(MessageOf(message), isReplay);
        return true;
    }

    private static PublishedMessage MessageOf(HubSocketMessage message) => message.Action switch
    {
        HubAction.Close => new PublishedMessage(PublishedAction.Close, MessageKind.Text, Encoding.UTF8.GetBytes(message.Reason), message.Code),
        HubAction.Refresh => new PublishedMessage(PublishedAction.Refresh, MessageKind.Text, default, 0),
        _ => new PublishedMessage(PublishedAction.Send, KindOf(message.Type), message.Content, 0),
    };

    private static MessageKind KindOf(HubSocketType type) => type switch
    {
        HubSocketType.Text => MessageKind.Text,
        HubSocketType.Binary => MessageKind.Binary,
        HubSocketType.Ping => MessageKind.Ping,
        HubSocketType.Pong => MessageKind.Pong,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
