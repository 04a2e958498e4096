using System.Text;
using System.Text.Json;

namespace Darter.Server.Hub;

/// <summary>The members of a JSON object that somebody else made; each complaint is a <see cref="JsonException"/> that says where.</summary>
internal readonly struct JsonMembers
{
    private readonly JsonElement _element;
    private readonly string _place;

    private JsonMembers(JsonElement element, string place)
    {
        _element = element;
        _place = place;
    }

    /// <summary>The members of an object.</summary>
    internal static JsonMembers Of(JsonElement element, string place) =>
        element.ValueKind == JsonValueKind.Object ? new JsonMembers(element, place) : throw new JsonException($"{place} is not an object");

    /// <summary>What to throw.</summary>
    internal JsonException Error(string what) => new($"{_place} {what}");

    /// <summary>Whether there is such a member, and it is not null.</summary>
    internal bool Has(string name) => TryGet(name, out _);

    /// <summary>A string, or null if there is none.</summary>
    internal string? Text(string name) => TryGet(name, out JsonElement value) ? TextOf(value, $"{_place}.{name}") : null;

    /// <summary>An integer within bounds, or null if there is none.</summary>
    internal int? Number(string name, int least, int most)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= least && number <= most
            ? number
            : throw new JsonException($"{_place}.{name} is not an integer from {least} to {most}");
    }

    /// <summary>An object, or null if there is none.</summary>
    internal JsonMembers? Object(string name) => TryGet(name, out JsonElement value) ? Of(value, $"{_place}.{name}") : null;

    /// <summary>A list of elements; empty if there is none.</summary>
    internal IEnumerable<JsonElement> List(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw new JsonException($"{_place}.{name} is not a list");
    }

    /// <summary>An object of strings; empty if there is none.</summary>
    internal IReadOnlyDictionary<string, string> Texts(string name)
    {
        Dictionary<string, string> texts = new(StringComparer.Ordinal);
        if (TryGet(name, out JsonElement value))
        {
            string place = $"{_place}.{name}";
            if (value.ValueKind != JsonValueKind.Object)
            {
                throw new JsonException($"{place} is not an object");
            }

            foreach (JsonProperty property in value.EnumerateObject())
            {
                texts[NameOf(property, place)] = TextOf(property.Value, place);
            }
        }

        return texts;
    }

    /// <summary>Pairs of strings, as an object or as a list of lists of two; empty if there are none.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Pairs(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            yield break;
        }

        string place = $"{_place}.{name}";
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in value.EnumerateObject())
            {
                yield return new(NameOf(property, place), TextOf(property.Value, place));
            }

            yield break;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException($"{place} is neither an object nor a list");
        }

        foreach (JsonElement pair in value.EnumerateArray())
        {
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2)
            {
                throw new JsonException($"{place} has an element that is not a list of two strings");
            }

            yield return new(TextOf(pair[0], place), TextOf(pair[1], place));
        }
    }

    /// <summary>Bytes: of the base64 member if it is there, else the text's UTF-8; null if neither is.</summary>
    internal byte[]? Bytes(string text, string base64)
    {
        if (TryGet(base64, out JsonElement value))
        {
            return value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out byte[]? bytes)
                ? bytes
                : throw new JsonException($"{_place}.{base64} is not base64");
        }

        return Text(text) is { } content ? Encoding.UTF8.GetBytes(content) : null;
    }

    /// <summary>A string's value.</summary>
    internal static string TextOf(JsonElement value, string place)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new JsonException($"{place} is not a string");
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or bytes that are not UTF-8.
            throw new JsonException($"{place} is not valid Unicode");
        }
    }

    private static string NameOf(JsonProperty property, string place)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw new JsonException($"{place} has a name that is not valid Unicode");
        }
    }

    private bool TryGet(string name, out JsonElement value)
    {
        try
        {
            return _element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
        }
        catch (InvalidOperationException)
        {
            throw Error("has a name that is not valid Unicode");
        }
    }
}
