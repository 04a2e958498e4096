using System.Buffers.Text;
using System.Text;
using Darter.Server.WebSockets.Events;
using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>An application's answer to events: what its head says, and the events in its body, kept until all are there.</summary>
internal sealed class EventAnswer : IDisposable
{
    /// <summary>Most bytes of a body, 16 MiB.</summary>
    internal const int MaxBody = 16 * 1024 * 1024;

    /// <summary>The shortest time between two requests without events, in seconds; as Pushpin.</summary>
    internal const int LeastKeepAlive = 20;

    private const int LongestKeepAlive = 24 * 60 * 60;
    private const int LeastBuffer = 512;

    private OutgoingBuffer? _body;

    /// <summary>Reads the head.</summary>
    internal EventAnswer(scoped in ResponseHead head)
    {
        foreach (HeaderBlock.Field field in head.Headers)
        {
            ReadOnlySpan<byte> value = field.Value.Trim(" \t"u8);
            if (field.Name.StartsWith("set-meta-"u8))
            {
                SetMeta.Add((field.Name["set-meta-".Length..].ToArray(), value.ToArray()));
            }
            else if (field.Name.SequenceEqual("keep-alive-interval"u8))
            {
                KeepAliveInterval = Utf8Parser.TryParse(value, out int seconds, out int read) && read == value.Length && seconds > 0
                    ? TimeSpan.FromSeconds(Math.Clamp(seconds, LeastKeepAlive, LongestKeepAlive))
                    : TimeSpan.Zero;
            }
            else if (field.Name.SequenceEqual("sec-websocket-extensions"u8))
            {
                if (GripExtension.TryRead(Encoding.UTF8.GetString(value), out GripExtension? extension))
                {
                    Grip ??= extension;
                }
                else
                {
                    Error = "its Sec-WebSocket-Extensions is malformed";
                }
            }
        }
    }

    /// <summary>After how long without events the application wants a request; zero: never. Null: it does not say.</summary>
    internal TimeSpan? KeepAliveInterval { get; }

    /// <summary>What the application wants to be told from now on.</summary>
    internal List<(byte[] Name, byte[] Value)> SetMeta { get; } = [];

    /// <summary>How the application's events are to be understood; null: as messages for the client.</summary>
    internal GripExtension? Grip { get; }

    /// <summary>What is wrong with it, or null.</summary>
    internal string? Error { get; private set; }

    /// <summary>The body.</summary>
    internal ReadOnlySpan<byte> Body => _body is null ? default : _body.Span;

    /// <summary>Whether an answer has events, and is no error and no page.</summary>
    internal static bool HasEvents(scoped in ResponseHead head)
    {
        if (head.Status != 200)
        {
            return false;
        }

        foreach (HeaderBlock.Field field in head.Headers)
        {
            if (field.Name.SequenceEqual("content-type"u8))
            {
                return IsEvents(field.Value);
            }
        }

        return false;
    }

    /// <summary>Whether a field is for the front, and none of the client's.</summary>
    internal static bool IsForFront(string name) =>
        name.StartsWith("set-meta-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("grip-", StringComparison.OrdinalIgnoreCase)
        || name.Equals("keep-alive-interval", StringComparison.OrdinalIgnoreCase)
        || name.Equals("content-type", StringComparison.OrdinalIgnoreCase)
        || name.Equals("content-length", StringComparison.OrdinalIgnoreCase);

    /// <summary>Adds a part of the body.</summary>
    internal void Append(ReadOnlySpan<byte> bytes)
    {
        if (Error is not null || bytes.IsEmpty)
        {
            return;
        }

        if (bytes.Length > MaxBody - Body.Length)
        {
            Error = "its events take more than 16 MiB";
            return;
        }

        _body ??= new OutgoingBuffer(Math.Max(LeastBuffer, bytes.Length));
        bytes.CopyTo(_body.GetSpan(bytes.Length));
        _body.Advance(bytes.Length);
    }

    /// <summary>The application answers with a file, which would have to be read.</summary>
    internal void RefuseFile() => Error ??= "its events are a file";

    /// <summary>The body is whole: verifies all of it, so that of an answer that is malformed nothing is done.</summary>
    internal bool Verify()
    {
        if (Error is null)
        {
            SocketEventReader reader = new(Body);
            while (reader.TryRead(out _))
            {
            }

            Error = reader.Error;
        }

        return Error is null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _body?.Dispose();
        _body = null;
    }

    private static bool IsEvents(ReadOnlySpan<byte> value)
    {
        int parameters = value.IndexOf((byte)';');
        return Ascii.EqualsIgnoreCase((parameters < 0 ? value : value[..parameters]).Trim(" \t"u8), SocketEventReader.MediaType);
    }
}
