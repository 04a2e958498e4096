using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Darter.Wire;

namespace Darter.Server.WebSockets.Events;

/// <summary>A control message: the text behind <c>c:</c>, a JSON object.</summary>
internal sealed record SocketControl
{
    // A day. GRIP sets no limit, but a timer must have one.
    private const int LongestTimeout = 24 * 60 * 60;

    /// <summary>What it says.</summary>
    internal SocketControlType Type { get; init; }

    /// <summary>The channel, with <see cref="SocketControlType.Subscribe"/> and <see cref="SocketControlType.Unsubscribe"/>.</summary>
    internal string Channel { get; init; } = "";

    /// <summary>Names of filters; only those known to GRIP mean something.</summary>
    internal IReadOnlyList<string> Filters { get; init; } = [];

    /// <summary>The last item that the client has of the channel; null: not said.</summary>
    internal string? PrevId { get; init; }

    /// <summary>With <see cref="SocketControlType.SetMeta"/>: the name.</summary>
    internal string Name { get; init; } = "";

    /// <summary>With <see cref="SocketControlType.SetMeta"/>: the value, null to remove it.</summary>
    internal string? Value { get; init; }

    /// <summary>The message of a keep-alive or a delayed message; null: none.</summary>
    internal byte[]? Content { get; init; }

    /// <summary>The kind of that message.</summary>
    internal MessageKind Kind { get; init; } = MessageKind.Text;

    /// <summary>After how many seconds, 0 if it does not say.</summary>
    internal int Timeout { get; init; }

    /// <summary>Whether a keep-alive comes regularly, whatever else is sent.</summary>
    internal bool IsInterval { get; init; }

    /// <summary>Reads a control message. False, with the reason: it is malformed.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out SocketControl? control, [NotNullWhen(false)] out string? error)
    {
        control = null;
        try
        {
            Utf8JsonReader reader = new(json);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind != JsonValueKind.Object || reader.Read())
            {
                error = "it is no JSON object";
                return false;
            }

            control = Read(document.RootElement, out error);
            return control is not null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            // What cannot be converted to a string, such as half a surrogate pair, is an InvalidOperationException.
            error = exception is JsonException ? "it is no JSON object" : "it has a value of the wrong kind";
            return false;
        }
    }

    private static SocketControl? Read(JsonElement json, out string? error)
    {
        SocketControlType type = TypeOf(TextOf(json, "type"));
        SocketControl control = new()
        {
            Type = type,
            Channel = TextOf(json, "channel") ?? "",
            PrevId = TextOf(json, "prev-id"),
            Name = TextOf(json, "name") ?? "",
            Value = TextOf(json, "value"),
            Timeout = json.TryGetProperty("timeout", out JsonElement timeout) ? timeout.GetInt32() : 0,
            IsInterval = TextOf(json, "mode") == "interval",
            Filters = json.TryGetProperty("filters", out JsonElement filters) && filters.ValueKind != JsonValueKind.Null
                ? [.. filters.EnumerateArray().Select(filter => filter.GetString() ?? "")]
                : [],
            Content = json.TryGetProperty("content-bin", out JsonElement binary) ? binary.GetBytesFromBase64()
                : TextOf(json, "content") is { } text ? Encoding.UTF8.GetBytes(text)
                : null,
        };
        error = type switch
        {
            _ when control.Timeout is < 0 or > LongestTimeout => "its timeout is out of range",
            SocketControlType.Subscribe or SocketControlType.Unsubscribe when control.Channel.Length == 0 => "it names no channel",
            SocketControlType.SetMeta when control.Name.Length == 0 => "it has no name",
            _ => null,
        };
        return error is null ? control.WithKind(json, out error) : null;
    }

    private static string? TextOf(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private SocketControl? WithKind(JsonElement json, out string? error)
    {
        error = null;
        MessageKind? kind = TextOf(json, "message-type") switch
        {
            null or "text" => MessageKind.Text,
            "binary" => MessageKind.Binary,
            "ping" => MessageKind.Ping,
            "pong" => MessageKind.Pong,
            _ => null,
        };
        if (kind is null)
        {
            error = "its message-type is none of text, binary, ping and pong";
        }
        else if (Content is { Length: > ClientFrame.MaxControlPayload } && kind is MessageKind.Ping or MessageKind.Pong)
        {
            error = "its ping or pong has more than 125 bytes";
        }
        else if (Content is { } content && kind == MessageKind.Text && !System.Text.Unicode.Utf8.IsValid(content))
        {
            error = "its text is not UTF-8";
        }

        return error is null ? this with { Kind = kind!.Value } : null;
    }

    private static SocketControlType TypeOf(string? name) => name switch
    {
        "subscribe" => SocketControlType.Subscribe,
        "unsubscribe" => SocketControlType.Unsubscribe,
        "detach" => SocketControlType.Detach,
        "set-meta" => SocketControlType.SetMeta,
        "keep-alive" => SocketControlType.KeepAlive,
        "send-delayed" => SocketControlType.SendDelayed,
        "flush-delayed" => SocketControlType.FlushDelayed,
        _ => SocketControlType.Unknown,
    };
}
