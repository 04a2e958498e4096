using System.Text.Json;
using Darter.Cli.Settings.Toml;

namespace Darter.Cli.Settings.Shapes;

/// <summary>A text, of which only certain ones may be allowed.</summary>
/// <param name="expected">What is expected, in words.</param>
/// <param name="values">The texts that are allowed; none: all.</param>
internal sealed class TextShape(string expected, params string[] values) : Shape
{
    /// <summary>Any text but an empty one.</summary>
    internal static TextShape Any { get; } = new("text");

    /// <summary>A text that may be empty.</summary>
    internal static TextShape OrEmpty { get; } = new("text") { MayBeEmpty = true };

    /// <inheritdoc/>
    internal override string Expected => values.Length > 0 ? $"{string.Join(", ", values[..^1])} or {values[^1]}" : expected;

    /// <summary>Whether it may be empty. Default no.</summary>
    internal bool MayBeEmpty { get; init; }

    /// <summary>One of several texts.</summary>
    internal static TextShape OneOf(params string[] values) => new("", values);

    /// <inheritdoc/>
    internal override bool Admits(TomlNode node) => node is TomlScalar { Value.Kind: SettingKind.Text };

    /// <inheritdoc/>
    internal override void CheckInside(TomlNode node, string path, FileReport report)
    {
        string text = ((TomlScalar)node).Value.Text;
        if (values.Length > 0 && !values.Contains(text))
        {
            string near = NearestName.Find(text, values) is { } name ? $"; did you mean {name}?" : "";
            report.Error(node.Line, path, $"must be {Expected}, not '{text}'{near}");
        }
        else if (values.Length == 0 && text.Length == 0 && !MayBeEmpty)
        {
            report.Error(node.Line, path, "must not be empty");
        }
    }

    /// <inheritdoc/>
    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "string");
        if (values.Length == 0)
        {
            if (!MayBeEmpty)
            {
                writer.WriteNumber("minLength", 1);
            }

            return;
        }

        writer.WriteStartArray("enum");
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
