using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>What a client's WebSocket leads to: where its messages go. All on the pool's loop.</summary>
internal interface IWebSocketEnd
{
    /// <summary>Most bytes that it takes now as a piece of a message; 0: nothing is to be read before <see cref="WebSocketConnection.Resume"/>.</summary>
    int Room { get; }

    /// <summary>A piece of a message came, of at most <see cref="Room"/> bytes; the last one when <paramref name="last"/>.</summary>
    void OnPiece(MessageKind kind, ReadOnlySpan<byte> bytes, bool last);

    /// <summary>A ping came, and was answered.</summary>
    void OnPing(ReadOnlySpan<byte> bytes);

    /// <summary>A pong came.</summary>
    void OnPong(ReadOnlySpan<byte> bytes);

    /// <summary>
    /// The WebSocket is closed, or its connection gone: nothing further comes from it, and nothing can be sent. May be called
    /// more than once; only the first counts.
    /// </summary>
    void OnClosed(ushort code, ReadOnlySpan<byte> reason);

    /// <summary>The client took what was sent to it.</summary>
    /// <param name="charge">What it counted, in bytes.</param>
    void OnTaken(int charge);

    /// <summary>The connection has ended, and its request with it.</summary>
    void OnEnded();
}
