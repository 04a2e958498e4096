namespace Darter.Server.WebSockets;

/// <summary>What <see cref="MessageReader"/> found next.</summary>
internal enum MessageEvent : byte
{
    /// <summary>Nothing whole: more bytes must come.</summary>
    NeedMore,

    /// <summary>A piece of a message.</summary>
    Piece,

    /// <summary>A ping; its payload is to be sent back.</summary>
    Ping,

    /// <summary>A pong.</summary>
    Pong,

    /// <summary>The client's close frame; nothing follows it.</summary>
    Close,

    /// <summary>The client broke the protocol: the connection is to be closed.</summary>
    Failed,
}
