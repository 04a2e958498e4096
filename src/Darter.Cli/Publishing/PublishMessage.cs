using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Darter.Cli.Publishing;

/// <summary>A message as <c>darter.publish()</c> of the Python package makes it: for streams, for requests that wait, and for WebSockets.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Data">The text.</param>
/// <param name="Id">Its id; null: one is made.</param>
/// <param name="PrevId">The id before it, or null.</param>
/// <param name="Event">The event's name, or null.</param>
/// <param name="IsRaw">Whether streams get the text alone.</param>
internal sealed record PublishMessage(string Channel, string Data, string? Id, string? PrevId, string? Event, bool IsRaw)
{
    /// <summary>The body of <c>POST /publish/</c>.</summary>
    /// <exception cref="ArgumentException">The id or the event's name has more than one line.</exception>
    internal byte[] ToJson()
    {
        // Unique is enough: the server knows the order.
        string id = Id ?? string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow.Ticks:x}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}");
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items");
            writer.WriteStartObject();
            writer.WriteString("channel", Channel);
            writer.WriteString("id", id);
            if (PrevId is not null)
            {
                writer.WriteString("prev-id", PrevId);
            }

            writer.WriteStartObject("formats");
            writer.WriteStartObject("http-stream");
            writer.WriteString("content", IsRaw ? Data : ServerSentEvent(id));
            writer.WriteEndObject();
            writer.WriteStartObject("http-response");
            writer.WriteString("body", Data);
            writer.WriteStartObject("headers");
            writer.WriteString("Content-Type", "text/plain; charset=utf-8");
            writer.WriteString("Message-Id", id);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteStartObject("ws-message");
            writer.WriteString("content", Data);
            writer.WriteString("type", "text");
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>HTML, section 9.2.</summary>
    private string ServerSentEvent(string id)
    {
        StringBuilder text = new();
        foreach ((string name, string? value) in (ReadOnlySpan<(string, string?)>)[("event", Event), ("id", id)])
        {
            if (value is null)
            {
                continue;
            }

            if (value.AsSpan().ContainsAny('\r', '\n', '\0'))
            {
                throw new ArgumentException($"--{name} is one line");
            }

            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\n");
        }

        foreach (string line in Data.ReplaceLineEndings("\n").Split('\n'))
        {
            text.Append(CultureInfo.InvariantCulture, $"data: {line}\n");
        }

        return text.Append('\n').ToString();
    }
}
