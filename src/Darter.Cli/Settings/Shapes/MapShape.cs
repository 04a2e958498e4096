using System.Text.Json;
using Darter.Cli.Settings.Toml;

namespace Darter.Cli.Settings.Shapes;

/// <summary>A table whose keys the user names: applications, upstreams, header fields.</summary>
/// <param name="value">What is behind a key.</param>
/// <param name="name">What a key must be, in words; null: anything.</param>
/// <param name="isName">Whether a key will do.</param>
internal sealed class MapShape(Shape value, string? name = null, Func<string, bool>? isName = null) : Shape
{
    /// <inheritdoc/>
    internal override string Expected => "a table";

    /// <inheritdoc/>
    internal override bool Admits(TomlNode node) => node is TomlTable;

    /// <inheritdoc/>
    internal override void CheckInside(TomlNode node, string path, FileReport report)
    {
        foreach (TomlMember member in ((TomlTable)node).Members)
        {
            if (isName is not null && !isName(member.Name))
            {
                report.Error(member.Line, path, $"'{member.Name}' is no {name}");
            }

            _ = value.Check(member.Value, $"{path}.{member.Name}", report);
        }
    }

    /// <inheritdoc/>
    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "object");
        writer.WriteStartObject("additionalProperties");
        value.Write(writer);
        writer.WriteEndObject();
    }
}
