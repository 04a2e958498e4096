using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Darter.Server.Hub;

/// <summary>Writes items in GRIP's JSON.</summary>
internal static class HubItemWriter
{
    /// <summary>Writes an item.</summary>
    internal static void Write(Utf8JsonWriter writer, HubItem item)
    {
        writer.WriteStartObject();
        writer.WriteString("channel", item.Channel);
        WriteIfAny(writer, "id", item.Id);
        WriteIfAny(writer, "prev-id", item.PrevId);
        writer.WriteStartObject("formats");
        if (item.Stream is { } stream)
        {
            writer.WriteStartObject("http-stream");
            if (WriteAction(writer, stream.Action))
            {
                WriteBytes(writer, "content", "content-bin", stream.Content.Span);
            }

            writer.WriteEndObject();
        }

        if (item.Response is { } response)
        {
            Write(writer, response);
        }

        if (item.Socket is { } socket)
        {
            Write(writer, socket);
        }

        writer.WriteEndObject();
        if (item.Meta.Count > 0)
        {
            writer.WriteStartObject("meta");
            foreach ((string name, string value) in item.Meta)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, HubResponseMessage response)
    {
        writer.WriteStartObject("http-response");
        if (WriteAction(writer, response.Action))
        {
            writer.WriteNumber("code", response.Status);
            if (response.Reason.Length > 0)
            {
                writer.WriteString("reason", Readable(response.Reason));
            }

            writer.WriteStartArray("headers");
            foreach ((string name, string value) in response.Headers)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(name);
                writer.WriteStringValue(Readable(value));
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
            WriteBytes(writer, "body", "body-bin", response.Body.Span);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, HubSocketMessage socket)
    {
        writer.WriteStartObject("ws-message");
        if (WriteAction(writer, socket.Action))
        {
            writer.WriteString("type", socket.Type switch
            {
                HubSocketType.Text => "text",
                HubSocketType.Binary => "binary",
                HubSocketType.Ping => "ping",
                _ => "pong",
            });
            WriteBytes(writer, "content", "content-bin", socket.Content.Span);
        }
        else if (socket.Action == HubAction.Close)
        {
            if (socket.Code != 0)
            {
                writer.WriteNumber("code", socket.Code);
            }

            WriteIfAny(writer, "reason", socket.Reason);
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes an action that is not the usual one; whether it is.</summary>
    private static bool WriteAction(Utf8JsonWriter writer, HubAction action)
    {
        if (action == HubAction.Send)
        {
            return true;
        }

        writer.WriteString("action", action switch
        {
            HubAction.Close => "close",
            HubAction.Hint => "hint",
            _ => "refresh",
        });
        return false;
    }

    private static void WriteBytes(Utf8JsonWriter writer, string text, string base64, ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            writer.WriteString(text, bytes);
        }
        else
        {
            writer.WriteBase64String(base64, bytes);
        }
    }

    private static void WriteIfAny(Utf8JsonWriter writer, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            writer.WriteString(name, value);
        }
    }

    // The other way round than the reader.
    private static string Readable(string value) => Ascii.IsValid(value) ? value : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(value));
}
