using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Darter.Cli.Importing;

/// <summary>Values as TOML has them.</summary>
internal static class Toml
{
    /// <summary>A text.</summary>
    internal static string Text(string value)
    {
        StringBuilder text = new("\"");
        foreach (Rune rune in value.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                0 => text,
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < 0x20 or 0x7F => text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"),
                _ => text.Append(rune.ToString()),
            };
        }

        return text.Append('"').ToString();
    }

    /// <summary>Reads a text that <see cref="Text"/> has written, which is one of JSON, too; null: it is another value.</summary>
    internal static string? ReadText(string toml)
    {
        if (!toml.StartsWith('"'))
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(toml);
        return document.RootElement.GetString();
    }

    /// <summary>Texts; one alone without brackets.</summary>
    internal static string Texts(IReadOnlyCollection<string> values) => values.Count == 1 ? Text(values.First()) : List(values);

    /// <summary>A list of texts.</summary>
    internal static string List(IEnumerable<string> values) => $"[{string.Join(", ", values.Select(Text))}]";

    /// <summary>A table in braces; its values are TOML already.</summary>
    internal static string Table(IEnumerable<KeyValuePair<string, string>> members) => $"{{ {string.Join(", ", members.Select(member => $"{Key(member.Key)} = {member.Value}"))} }}";

    /// <summary>A number.</summary>
    internal static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A key, in quotation marks if need be.</summary>
    internal static string Key(string name) =>
        name.Length > 0 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_') ? name : Text(name);
}
