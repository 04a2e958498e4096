using System.Text.Json;
using Darter.Cli.Settings.Toml;

namespace Darter.Cli.Settings.Shapes;

/// <summary>One of several kinds of value.</summary>
internal sealed class AnyShape(params Shape[] alternatives) : Shape
{
    /// <inheritdoc/>
    internal override string Expected => string.Join(" or ", alternatives.Select(alternative => alternative.Expected));

    /// <inheritdoc/>
    internal override bool Admits(TomlNode node) => alternatives.Any(alternative => alternative.Admits(node));

    /// <inheritdoc/>
    internal override void CheckInside(TomlNode node, string path, FileReport report) =>
        alternatives.First(alternative => alternative.Admits(node)).CheckInside(node, path, report);

    /// <inheritdoc/>
    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("anyOf");
        foreach (Shape alternative in alternatives)
        {
            writer.WriteStartObject();
            alternative.Write(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
