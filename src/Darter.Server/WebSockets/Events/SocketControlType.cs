namespace Darter.Server.WebSockets.Events;

/// <summary>What an application tells the front about a WebSocket: GRIP's control messages.</summary>
internal enum SocketControlType : byte
{
    /// <summary>A type that nobody here knows; it is left out.</summary>
    Unknown,

    /// <summary>It gets what is published to a channel.</summary>
    Subscribe,

    /// <summary>It gets that no more.</summary>
    Unsubscribe,

    /// <summary>The application wants to hear nothing more of it; it stays open for what is published.</summary>
    Detach,

    /// <summary>What is known about it, for filters.</summary>
    SetMeta,

    /// <summary>A message that the front sends by itself when there was none for a while; without content: no longer.</summary>
    KeepAlive,

    /// <summary>A message for later.</summary>
    SendDelayed,

    /// <summary>That message is sent now.</summary>
    FlushDelayed,
}
