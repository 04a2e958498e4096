using System.Buffers.Text;
using System.Text.Unicode;

namespace Darter.Server.WebSockets.Events;

/// <summary>
/// Reads the events in the body of an answer: <c>TYPE CRLF</c>, or <c>TYPE SP length CRLF content CRLF</c> with the length in
/// hexadecimal digits.
/// </summary>
/// <remarks>What could not be sent to a client as a frame (RFC 6455, sections 5.5 and 5.6) is malformed, too.</remarks>
internal ref struct SocketEventReader(ReadOnlySpan<byte> body)
{
    /// <summary>The media type of a body of events.</summary>
    internal const string MediaType = "application/websocket-events";

    private const int LongestType = 32;
    private const int MostDigits = 8;

    private ReadOnlySpan<byte> _rest = body;

    /// <summary>What is wrong, after <see cref="TryRead"/> has returned false; null: nothing, it was the end.</summary>
    internal string? Error { get; private set; }

    /// <summary>Reads the next event. False: there is none, or it is malformed.</summary>
    internal bool TryRead(out SocketEvent found)
    {
        found = default;
        if (_rest.IsEmpty)
        {
            return false;
        }

        int line = _rest[..Math.Min(_rest.Length, LongestType + 1 + MostDigits + 2)].IndexOf("\r\n"u8);
        if (line < 0)
        {
            return Fail("an event does not begin with a line of type and length");
        }

        ReadOnlySpan<byte> type = _rest[..line];
        ReadOnlySpan<byte> content = default;
        _rest = _rest[(line + 2)..];
        int space = type.IndexOf((byte)' ');
        if (space >= 0)
        {
            ReadOnlySpan<byte> digits = type[(space + 1)..];
            type = type[..space];
            if (digits.Length is 0 or > MostDigits || !Utf8Parser.TryParse(digits, out uint length, out int read, 'x') || read != digits.Length)
            {
                return Fail("the length of an event is no hexadecimal number");
            }

            if (length > _rest.Length - 2 || !_rest.Slice((int)length, 2).SequenceEqual("\r\n"u8))
            {
                return Fail("the content of an event does not have its length");
            }

            content = _rest[..(int)length];
            _rest = _rest[((int)length + 2)..];
        }

        if (type.Length is 0 or > LongestType)
        {
            return Fail("an event has no type, or one that is too long");
        }

        found = new SocketEvent(TypeOf(type), content);
        return Verify(found) is not { } error || Fail(error);
    }

    private static SocketEventType TypeOf(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("TEXT"u8) => SocketEventType.Text,
        _ when name.SequenceEqual("BINARY"u8) => SocketEventType.Binary,
        _ when name.SequenceEqual("OPEN"u8) => SocketEventType.Open,
        _ when name.SequenceEqual("CLOSE"u8) => SocketEventType.Close,
        _ when name.SequenceEqual("DISCONNECT"u8) => SocketEventType.Disconnect,
        _ when name.SequenceEqual("PING"u8) => SocketEventType.Ping,
        _ when name.SequenceEqual("PONG"u8) => SocketEventType.Pong,
        _ => SocketEventType.Unknown,
    };

    private static string? Verify(scoped in SocketEvent found) => found.Type switch
    {
        SocketEventType.Text => Utf8.IsValid(found.Content) ? null : "the content of a TEXT event is not UTF-8",
        SocketEventType.Ping or SocketEventType.Pong => found.Content.Length <= ClientFrame.MaxControlPayload ? null : "a PING or PONG event has more than 125 bytes",
        SocketEventType.Close when found.Content.Length == 1 => "a CLOSE event has half a code",
        SocketEventType.Close when found.Content.Length > ClientFrame.MaxControlPayload => "a CLOSE event has more than 125 bytes",
        SocketEventType.Close when found.Content.Length > 2 && !Utf8.IsValid(found.Content[2..]) => "the reason of a CLOSE event is not UTF-8",
        _ => null,
    };

    private bool Fail(string error)
    {
        Error = error;
        _rest = default;
        return false;
    }
}
