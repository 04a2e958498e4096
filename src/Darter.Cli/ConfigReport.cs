using System.Text.Encodings.Web;
using System.Text.Json;
using Darter.Cli.Settings;

namespace Darter.Cli;

/// <summary>Tells the operator what came of loading the configuration.</summary>
internal static class ConfigReport
{
    private const int WidestColumn = 40;

    /// <summary>Writes a message to standard error.</summary>
    internal static void Tell(string message) => Console.Error.WriteLine($"darter: {message}");

    /// <summary>Writes errors and notices to standard error.</summary>
    internal static void WriteFindings(LoadedConfig loaded)
    {
        foreach (string error in loaded.Errors)
        {
            Tell(error);
        }

        foreach (string notice in loaded.Notices)
        {
            Tell($"note: {notice}");
        }
    }

    /// <summary>Writes the settings to standard output, aligned: name, value, origin.</summary>
    internal static void WriteTable(LoadedConfig loaded)
    {
        int names = loaded.Settings.Max(setting => setting.Name.Length);
        int values = Math.Min(WidestColumn, loaded.Settings.Max(setting => Text(setting).Length));
        foreach (EffectiveSetting setting in loaded.Settings)
        {
            string start = $"{setting.Name.PadRight(names)}  {Text(setting).PadRight(values)}";
            int column = names + 2 + values;
            if (start.Length > column)
            {
                // A long value has the line to itself.
                Console.Out.WriteLine(start);
                start = new string(' ', column);
            }

            Console.Out.WriteLine($"{start}  {setting.Origin}");
        }
    }

    /// <summary>Writes the settings to standard output as JSON.</summary>
    internal static void WriteJson(LoadedConfig loaded)
    {
        using (Stream output = Console.OpenStandardOutput())
        using (Utf8JsonWriter writer = new(output, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("config_file", loaded.File?.Location);
            writer.WriteStartObject("settings");
            foreach (EffectiveSetting setting in loaded.Settings)
            {
                writer.WriteStartObject(setting.Name);
                writer.WritePropertyName("value");
                SettingsJson.WriteValue(writer, setting);
                writer.WriteString("from", setting.Origin.Place);
                if (setting.Origin.Line is { } line)
                {
                    writer.WriteNumber("line", line);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteStartArray("notices");
            foreach (string notice in loaded.Notices)
            {
                writer.WriteStringValue(notice);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("hooks");
            foreach (string hook in loaded.Config?.Workers.Hooks?.Names ?? Enumerable.Empty<string>())
            {
                writer.WriteStringValue(hook);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        Console.Out.WriteLine();
    }

    private static string Text(EffectiveSetting setting) =>
        setting.Values.Count == 0 ? "-" : string.Join(", ", setting.Values.Select(value => value.Length == 0 ? "''" : value));
}
