using System.Text.Json;
using Darter.Cli.Settings.Toml;

namespace Darter.Cli.Settings.Shapes;

/// <summary>A list, or where that is allowed a single item.</summary>
internal sealed class ListShape(Shape item, bool orSingle, bool mayBeEmpty = false) : Shape
{
    /// <summary>One text, or a list of texts.</summary>
    internal static ListShape Texts { get; } = new(TextShape.Any, orSingle: true);

    /// <inheritdoc/>
    internal override string Expected => orSingle ? $"{item.Expected}, or a list of it" : "a list";

    /// <inheritdoc/>
    internal override bool Admits(TomlNode node) => node is TomlList || (orSingle && item.Admits(node));

    /// <inheritdoc/>
    internal override void CheckInside(TomlNode node, string path, FileReport report)
    {
        if (node is not TomlList list)
        {
            item.CheckInside(node, path, report);
            return;
        }

        if (list.Items.Count == 0 && !mayBeEmpty)
        {
            report.Error(node.Line, path, "must not be empty");
        }

        foreach (TomlNode each in list.Items)
        {
            _ = item.Check(each, path, report);
        }
    }

    /// <inheritdoc/>
    internal override void Write(Utf8JsonWriter writer)
    {
        if (!orSingle)
        {
            WriteList(writer);
            return;
        }

        writer.WriteStartArray("anyOf");
        writer.WriteStartObject();
        item.Write(writer);
        writer.WriteEndObject();
        writer.WriteStartObject();
        WriteList(writer);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private void WriteList(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "array");
        writer.WriteStartObject("items");
        item.Write(writer);
        writer.WriteEndObject();
        if (!mayBeEmpty)
        {
            writer.WriteNumber("minItems", 1);
        }
    }
}
