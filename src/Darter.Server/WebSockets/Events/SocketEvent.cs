namespace Darter.Server.WebSockets.Events;

/// <summary>One event.</summary>
/// <param name="type">What it is.</param>
/// <param name="content">Its content; empty if it has none.</param>
internal readonly ref struct SocketEvent(SocketEventType type, ReadOnlySpan<byte> content)
{
    /// <summary>What it is.</summary>
    internal SocketEventType Type { get; } = type;

    /// <summary>The message, or the payload of the control frame: of a close frame the code (2, big-endian) and the reason.</summary>
    internal ReadOnlySpan<byte> Content { get; } = content;
}
