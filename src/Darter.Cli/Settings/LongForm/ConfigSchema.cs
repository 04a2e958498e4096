using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Darter.Cli.Settings.LongForm;

/// <summary>The JSON Schema of <c>darter.toml</c>, with which editors complete and check it.</summary>
internal static class ConfigSchema
{
    private const string Dialect = "http://json-schema.org/draft-07/schema#";

    /// <summary>The schema, as it is in docs/darter.schema.json.</summary>
    internal static string Write(OptionTable table)
    {
        using MemoryStream output = new();
        using (Utf8JsonWriter writer = new(output, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("$schema", Dialect);
            writer.WriteString("title", "darter.toml");
            writer.WriteString("description", "The configuration of Darter, the web server for Python");
            new ConfigShape(table).Root.Write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.ToArray()) + "\n";
    }
}
