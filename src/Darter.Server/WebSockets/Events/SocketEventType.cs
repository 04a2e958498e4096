namespace Darter.Server.WebSockets.Events;

/// <summary>The events of WebSocket-over-HTTP, the protocol of Pushpin and Fastly Fanout.</summary>
internal enum SocketEventType : byte
{
    /// <summary>A type that nobody here knows; who reads it leaves it out.</summary>
    Unknown,

    /// <summary>The client asks for a WebSocket; in an answer: it gets one.</summary>
    Open,

    /// <summary>A text message.</summary>
    Text,

    /// <summary>A binary message.</summary>
    Binary,

    /// <summary>A ping.</summary>
    Ping,

    /// <summary>A pong.</summary>
    Pong,

    /// <summary>A close frame.</summary>
    Close,

    /// <summary>The connection is gone without a close frame; in an answer: it is to be broken off.</summary>
    Disconnect,
}
