using System.Text.Json;
using Darter.Cli.Settings.Toml;

namespace Darter.Cli.Settings.Shapes;

/// <summary>True or false, or only one of them.</summary>
/// <param name="only">The one that is allowed; null: both.</param>
internal sealed class BooleanShape(bool? only = null) : Shape
{
    /// <inheritdoc/>
    internal override string Expected => only is { } one ? (one ? "true" : "false") : "true or false";

    /// <inheritdoc/>
    internal override bool Admits(TomlNode node) => node is TomlScalar { Value: { Kind: SettingKind.Boolean } value } && (only is null || value.Truth == only);

    /// <inheritdoc/>
    internal override void CheckInside(TomlNode node, string path, FileReport report)
    {
    }

    /// <inheritdoc/>
    internal override void Write(Utf8JsonWriter writer)
    {
        if (only is { } one)
        {
            writer.WriteBoolean("const", one);
        }
        else
        {
            writer.WriteString("type", "boolean");
        }
    }
}
