namespace Darter.Gateway.Asgi;

/// <summary>Where a WebSocket stands.</summary>
internal enum WebSocketPhase
{
    /// <summary>The application has not answered the handshake.</summary>
    Handshake,

    /// <summary>Accepted.</summary>
    Open,

    /// <summary>The application answers the handshake with a response of its own.</summary>
    Denied,

    /// <summary>The application has closed it, before or after the handshake.</summary>
    Closed,
}
