using System.CommandLine;
using System.Text.Json;
using Darter.Cli.Settings.Gunicorn;
using Darter.Cli.Settings.Toml;

namespace Darter.Cli.Settings.Shapes;

/// <summary>
/// A value of an option. Whether it will do is the option's own business, as it is for flags and variables, so it is checked
/// there; this is what editors are told.
/// </summary>
internal sealed class OptionShape(Option option, OptionTable table) : Shape
{
    /// <inheritdoc/>
    internal override string Expected => "a value of the option " + option.Name;

    /// <inheritdoc/>
    internal override bool Admits(TomlNode node) => true;

    /// <inheritdoc/>
    internal override void CheckInside(TomlNode node, string path, FileReport report)
    {
    }

    /// <inheritdoc/>
    internal override void Write(Utf8JsonWriter writer)
    {
        SettingKind kind = OptionValues.KindOf(option);
        if (CommandLineReader.IsList(option))
        {
            writer.WriteStartArray("type");
            writer.WriteStringValue("string");
            writer.WriteStringValue("array");
            if (option.HelpName == "NAME=VALUE" || option.Name == "--secure-scheme-headers")
            {
                writer.WriteStringValue("object");
            }

            writer.WriteEndArray();
            writer.WriteStartObject("items");
            writer.WriteString("type", "string");
            writer.WriteEndObject();
        }
        else if (kind == SettingKind.Boolean)
        {
            writer.WriteString("type", "boolean");
        }
        else if (kind == SettingKind.Number)
        {
            WriteNumber(writer);
        }
        else
        {
            WriteText(writer);
        }
    }

    private void WriteNumber(Utf8JsonWriter writer)
    {
        string number = option.ValueType == typeof(double) || option.ValueType == typeof(double?) ? "number" : "integer";
        if (option.HelpName is not ("SECONDS" or "BYTES"))
        {
            writer.WriteString("type", number);
            return;
        }

        writer.WriteStartArray("type");
        writer.WriteStringValue(number);
        writer.WriteStringValue("string");
        writer.WriteEndArray();
        writer.WriteString("pattern", option.HelpName == "SECONDS" ? @"^[0-9]+(\.[0-9]+)?(ms|s|m|h)?$" : @"^[0-9]+(\.[0-9]+)?(B|KiB|MiB|GiB)?$");
    }

    private void WriteText(Utf8JsonWriter writer)
    {
        string[] values = [.. option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label)];
        if (values.Length == 0 || GunicornSettings.ForOption(option, table) is { Convert: not null })
        {
            // What Gunicorn writes otherwise, such as levels in capitals, is understood.
            writer.WriteStartArray("type");
            foreach (string type in option.Arity.MinimumNumberOfValues == 0 ? (string[])["string", "number", "boolean"] : ["string", "number"])
            {
                writer.WriteStringValue(type);
            }

            writer.WriteEndArray();
            return;
        }

        writer.WriteStartArray("enum");
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
            if (int.TryParse(value, out int number))
            {
                writer.WriteNumberValue(number);
            }
        }

        if (option.Arity.MinimumNumberOfValues == 0)
        {
            writer.WriteBooleanValue(true);
        }

        writer.WriteEndArray();
    }
}
