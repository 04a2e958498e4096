using System.Text;
using System.Text.Json;

namespace Darter.Server.Hub;

/// <summary>Reads an item of GRIP's JSON. What is wrong with it is a <see cref="JsonException"/> that names the member.</summary>
internal static class HubItemReader
{
    private const int MaxCloseReason = 123;

    /// <summary>Reads an item.</summary>
    /// <param name="element">It.</param>
    /// <param name="place">How to call it in errors.</param>
    internal static HubItem Read(JsonElement element, string place)
    {
        JsonMembers item = JsonMembers.Of(element, place);
        string channel = item.Text("channel") ?? throw item.Error("has no 'channel'");
        if (!HubChannelRequest.IsName(channel))
        {
            throw item.Error($"has a 'channel' that is not 1 to {HubLimits.ChannelName} characters, none of them a control character");
        }

        // Old publishers have the formats beside the channel.
        JsonMembers formats = item.Object("formats") ?? item;
        HubItem read = new()
        {
            Channel = channel,
            Id = IdOf(item, "id"),
            PrevId = IdOf(item, "prev-id"),
            Stream = formats.Object("http-stream") is { } stream ? StreamOf(stream) : null,
            Response = formats.Object("http-response") is { } response ? ResponseOf(response) : null,
            Socket = formats.Object("ws-message") is { } socket ? SocketOf(socket) : null,
            Meta = item.Texts("meta"),
        };
        return read.Stream is null && read.Response is null && read.Socket is null
            ? throw item.Error("has none of the formats 'http-stream', 'http-response' and 'ws-message'")
            : read;
    }

    private static string? IdOf(JsonMembers item, string name)
    {
        string? id = item.Text(name);
        return id is { Length: 0 or > HubLimits.ItemId } || id?.Any(char.IsControl) == true
            ? throw item.Error($"has a '{name}' that is not 1 to {HubLimits.ItemId} characters, none of them a control character")
            : id;
    }

    private static HubStreamMessage StreamOf(JsonMembers format)
    {
        HubAction action = ActionOf(format);
        return action switch
        {
            HubAction.Send => new HubStreamMessage(action, ContentOf(format, "content", "content-bin")),
            HubAction.Refresh => throw format.Error("has the action 'refresh', which is for 'ws-message'"),
            _ => new HubStreamMessage(action, default),
        };
    }

    private static HubResponseMessage ResponseOf(JsonMembers format)
    {
        HubAction action = ActionOf(format);
        switch (action)
        {
            case HubAction.Send:
                if (format.Has("body-patch"))
                {
                    throw format.Error("has a 'body-patch', which is not supported");
                }

                return HttpMessageJson.Read(format, action, needsBody: true);
            case HubAction.Refresh:
                throw format.Error("has the action 'refresh', which is for 'ws-message'");
            default:
                return new HubResponseMessage(action, 0, "", [], default);
        }
    }

    private static HubSocketMessage SocketOf(JsonMembers format)
    {
        HubAction action = ActionOf(format);
        if (action == HubAction.Close)
        {
            string reason = format.Text("reason") ?? "";
            return Encoding.UTF8.GetByteCount(reason) > MaxCloseReason
                ? throw format.Error($"has a 'reason' of more than {MaxCloseReason} bytes")
                : new HubSocketMessage(action, HubSocketType.Text, default, format.Number("code", 1000, 4999) ?? 0, reason);
        }

        if (action != HubAction.Send)
        {
            return new HubSocketMessage(action, HubSocketType.Text, default, 0, "");
        }

        HubSocketType type = format.Text("type") switch
        {
            null => format.Has("content-bin") ? HubSocketType.Binary : HubSocketType.Text,
            "text" => HubSocketType.Text,
            "binary" => HubSocketType.Binary,
            "ping" => HubSocketType.Ping,
            "pong" => HubSocketType.Pong,
            _ => throw format.Error("has a 'type' other than 'text', 'binary', 'ping' and 'pong'"),
        };
        bool isControl = type is HubSocketType.Ping or HubSocketType.Pong;
        ReadOnlyMemory<byte> content = isControl && !format.Has("content") && !format.Has("content-bin") ? default : ContentOf(format, "content", "content-bin");
        if (isControl && content.Length > 125)
        {
            throw format.Error("has more than the 125 bytes that a ping or pong can carry");
        }

        return type == HubSocketType.Text && !System.Text.Unicode.Utf8.IsValid(content.Span)
            ? throw format.Error("is a text that is not UTF-8")
            : new HubSocketMessage(action, type, content, 0, "");
    }

    private static HubAction ActionOf(JsonMembers format)
    {
        if (format.Has("content-filters") && format.List("content-filters").Any())
        {
            throw format.Error("has 'content-filters', which are not supported");
        }

        return format.Text("action") switch
        {
            null or "send" => HubAction.Send,
            "close" => HubAction.Close,
            "hint" => HubAction.Hint,
            "refresh" => HubAction.Refresh,
            _ => throw format.Error("has an 'action' other than 'send', 'close', 'hint' and 'refresh'"),
        };
    }

    private static byte[] ContentOf(JsonMembers format, string text, string base64) =>
        format.Bytes(text, base64) ?? throw format.Error($"has neither '{text}' nor '{base64}'");
}
