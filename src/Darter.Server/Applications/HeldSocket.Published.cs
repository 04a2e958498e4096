using Darter.Server.WebSockets;

namespace Darter.Server.Applications;

/// <summary>What is published, to the client.</summary>
internal sealed partial class HeldSocket : ISocketSubscriber
{
    // What a client that takes nothing may have waiting here of what is published; the messages themselves are shared.
    private const int MostPublished = 1024;
    private const long MostPublishedBytes = 4 * 1024 * 1024;

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

        if (!isReplay && (_published.Count >= MostPublished || _publishedBytes + message.Content.Length > MostPublishedBytes) && _published.Count > 0)
        {
            // The client is to come again, and has what it missed from the history if the application knows where it was.
            PythonApplication.Log.HeldSocketSlow(_application.Logger, _target, Id);
            _connection.CloseByServer(CloseCode.TryAgainLater);
            return;
        }

        _published.Enqueue(message);
        _publishedBytes += message.Content.Length;
        SendPublished();
    }

    /// <summary>Gives the client what it has room for.</summary>
    private void SendPublished()
    {
        while (_connection is { IsClosing: false } connection && connection.Unsent < MostUnsent && _published.TryDequeue(out PublishedMessage message))
        {
            _publishedBytes -= message.Content.Length;
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
