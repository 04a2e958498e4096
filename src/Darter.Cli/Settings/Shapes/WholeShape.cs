using System.Globalization;
using System.Text.Json;
using Darter.Cli.Settings.Toml;

namespace Darter.Cli.Settings.Shapes;

/// <summary>A whole number in a range.</summary>
internal sealed class WholeShape(int least, int most = int.MaxValue) : Shape
{
    /// <inheritdoc/>
    internal override string Expected => "a whole number";

    /// <inheritdoc/>
    internal override bool Admits(TomlNode node) =>
        node is TomlScalar { Value: { Kind: SettingKind.Number } value } && long.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    /// <inheritdoc/>
    internal override void CheckInside(TomlNode node, string path, FileReport report)
    {
        long value = long.Parse(((TomlScalar)node).Value.Text, CultureInfo.InvariantCulture);
        if (value < least || value > most)
        {
            report.Error(node.Line, path, most == int.MaxValue ? $"must be at least {least}, not {value}" : $"must be from {least} to {most}, not {value}");
        }
    }

    /// <inheritdoc/>
    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "integer");
        writer.WriteNumber("minimum", least);
        if (most != int.MaxValue)
        {
            writer.WriteNumber("maximum", most);
        }
    }
}
