using System.Buffers.Text;
using Darter.Wire;

namespace Darter.Server.WebSockets.Events;

/// <summary>Writes events into the body of a request.</summary>
internal static class SocketEventWriter
{
    // The longest type, a space, eight digits, and two line ends.
    private const int Overhead = 10 + 1 + 8 + 4;

    /// <summary>Writes an event without content.</summary>
    internal static void Write(OutgoingBuffer destination, SocketEventType type)
    {
        Span<byte> span = destination.GetSpan(Overhead);
        int length = WriteType(span, type);
        "\r\n"u8.CopyTo(span[length..]);
        destination.Advance(length + 2);
    }

    /// <summary>Writes an event with content, which may be empty.</summary>
    internal static void Write(OutgoingBuffer destination, SocketEventType type, ReadOnlySpan<byte> content)
    {
        Span<byte> span = destination.GetSpan(Overhead + content.Length);
        int length = WriteType(span, type);
        span[length++] = (byte)' ';
        _ = Utf8Formatter.TryFormat((uint)content.Length, span[length..], out int digits, 'x');
        length += digits;
        "\r\n"u8.CopyTo(span[length..]);
        length += 2;
        content.CopyTo(span[length..]);
        length += content.Length;
        "\r\n"u8.CopyTo(span[length..]);
        destination.Advance(length + 2);
    }

    private static int WriteType(Span<byte> destination, SocketEventType type)
    {
        ReadOnlySpan<byte> name = type switch
        {
            SocketEventType.Open => "OPEN"u8,
            SocketEventType.Text => "TEXT"u8,
            SocketEventType.Binary => "BINARY"u8,
            SocketEventType.Ping => "PING"u8,
            SocketEventType.Pong => "PONG"u8,
            SocketEventType.Close => "CLOSE"u8,
            SocketEventType.Disconnect => "DISCONNECT"u8,
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
        name.CopyTo(destination);
        return name.Length;
    }
}
