using System.Text.Json;

namespace Darter.Server.Hub;

/// <summary>Items in GRIP's JSON: what comes to the publish endpoint, and what backplanes carry.</summary>
internal static class HubItemJson
{
    /// <summary>Reads <c>{"items": [...]}</c>.</summary>
    /// <param name="json">The text, UTF-8.</param>
    /// <param name="items">The items, in their order; empty if there is an error.</param>
    /// <param name="error">What is wrong, and where; for the one who sent it.</param>
    internal static bool TryReadItems(ReadOnlyMemory<byte> json, out IReadOnlyList<HubItem> items, out string error)
    {
        items = [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonMembers body = JsonMembers.Of(document.RootElement, "the body");
            if (!body.Has("items"))
            {
                throw body.Error("has no list 'items'");
            }

            List<HubItem> read = [];
            foreach (JsonElement element in body.List("items"))
            {
                read.Add(HubItemReader.Read(element, $"items[{read.Count}]"));
            }

            items = read;
            error = "";
            return true;
        }
        catch (JsonException exception)
        {
            error = exception.Message;
            return false;
        }
    }

    /// <summary>Reads one item.</summary>
    /// <inheritdoc cref="TryReadItems"/>
    internal static HubItem? TryRead(ReadOnlyMemory<byte> json, out string error)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            error = "";
            return HubItemReader.Read(document.RootElement, "item");
        }
        catch (JsonException exception)
        {
            error = exception.Message;
            return null;
        }
    }

    /// <summary>Writes one item, as it is read again by <see cref="TryRead"/>.</summary>
    internal static byte[] Write(HubItem item)
    {
        System.Buffers.ArrayBufferWriter<byte> buffer = new(item.Size);
        using (Utf8JsonWriter writer = new(buffer))
        {
            HubItemWriter.Write(writer, item);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
