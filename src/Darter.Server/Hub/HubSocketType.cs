namespace Darter.Server.Hub;

/// <summary>The kind of a WebSocket message that is published.</summary>
internal enum HubSocketType : byte
{
    /// <summary>Text, UTF-8.</summary>
    Text,

    /// <summary>Bytes.</summary>
    Binary,

    /// <summary>A ping.</summary>
    Ping,

    /// <summary>A pong nobody asked for.</summary>
    Pong,
}
