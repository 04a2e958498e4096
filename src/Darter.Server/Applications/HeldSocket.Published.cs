using Darter.Server.WebSockets;

namespace Darter.Server.Applications;

/// <summary>What is published, to the client.</summary>
internal sealed partial class HeldSocket : ISocketSubscriber
{
    // What a message takes here beside its content, which all subscribers share.
    private const int LeastPublished = 64;

    private readonly Queue<PublishedMessage> _published = new();
    private long _publishedBytes;

    /// <inheritdoc/>
    void ISocketSubscriber.Deliver(in PublishedMessage message, bool isReplay) =>
        _application.Deliveries.Add(new SocketDelivery(this, message, isReplay));

    /// <summary>A message has come; on the pool's loop.</summary>
    internal void OnPublished(in PublishedMessage message, bool isReplay)
    {
        if (_isClosed || _connection is not { IsClosing: false })
        {
            return;
        }

        int size = Math.Max(message.Content.Length, LeastPublished);
        if (!isReplay && _published.Count > 0 && _publishedBytes + size > _application.Config.Hub.MaxQueue)
        {
            // The client is to come again, and has what it missed from the history if the application knows where it was.
            PythonApplication.Log.HeldSocketSlow(_application.Logger, _target, Id);
            _connection.CloseByServer(CloseCode.TryAgainLater);
            return;
        }

        _published.Enqueue(message);
        _publishedBytes += size;
        SendPublished();
    }

    /// <summary>Gives the client what it has room for.</summary>
    private void SendPublished()
    {
        while (_connection is { IsClosing: false } connection && connection.Unsent < MostUnsent && _published.TryDequeue(out PublishedMessage message))
        {
            _publishedBytes -= Math.Max(message.Content.Length, LeastPublished);
            switch (message.Action)
            {
                case PublishedAction.Send:
                    Send(message.Kind, message.Content.Span);
                    break;

                case PublishedAction.Close:
                    ushort code = message.Code is > 0 and <= ushort.MaxValue && CloseCode.IsAllowed((ushort)message.Code) ? (ushort)message.Code : CloseCode.Normal;
                    connection.CloseByServer(code, message.Content.Span);
                    break;

                case PublishedAction.Refresh:
                    Refresh();
                    break;
            }
        }
    }
}
