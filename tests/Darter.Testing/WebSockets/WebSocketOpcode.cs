namespace Darter.Testing.WebSockets;

/// <summary>Opcodes of frames (RFC 6455, 5.2).</summary>
public enum WebSocketOpcode : byte
{
    /// <summary>The next frame of a message.</summary>
    Continuation = 0,

    /// <summary>A text message, or its first frame.</summary>
    Text = 1,

    /// <summary>A binary message, or its first frame.</summary>
    Binary = 2,

    /// <summary>The close frame.</summary>
    Close = 8,

    /// <summary>A ping.</summary>
    Ping = 9,

    /// <summary>A pong.</summary>
    Pong = 10,
}
