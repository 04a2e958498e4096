using System.Text.Encodings.Web;
using System.Text.Json;
using Darter.Cli.Settings;
using Darter.Server.Configuration.Routes;

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
        WriteSettings(loaded.Settings);
        foreach (EffectiveApp app in loaded.Apps)
        {
            Console.Out.WriteLine($"\napps.{app.Name}");
            WriteSettings(app.Settings);
        }

        if (loaded.Config is { Server.Upstreams: { Count: > 0 } upstreams })
        {
            WriteLines(RouteReport.Upstreams(upstreams));
        }

        if (loaded.Config is { Server.Routes: { Count: > 0 } routes } config)
        {
            WriteLines(RouteReport.Routes(routes, config.Apps));
        }
    }

    private static void WriteLines(IEnumerable<string> lines)
    {
        Console.Out.WriteLine();
        foreach (string line in lines)
        {
            Console.Out.WriteLine(line);
        }
    }

    private static void WriteSettings(IReadOnlyList<EffectiveSetting> settings)
    {
        int names = settings.Max(setting => setting.Name.Length);
        int values = Math.Min(WidestColumn, settings.Max(setting => Text(setting).Length));
        foreach (EffectiveSetting setting in settings)
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
            WriteSettings(writer, loaded.Settings);
            writer.WriteEndObject();
            WriteLongForm(writer, loaded);
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

    private static void WriteSettings(Utf8JsonWriter writer, IReadOnlyList<EffectiveSetting> settings)
    {
        foreach (EffectiveSetting setting in settings)
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
    }

    private static void WriteLongForm(Utf8JsonWriter writer, LoadedConfig loaded)
    {
        writer.WriteStartObject("apps");
        foreach (EffectiveApp app in loaded.Apps)
        {
            writer.WriteStartObject(app.Name);
            WriteSettings(writer, app.Settings);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteStartArray("routes");
        foreach (RouteConfig route in loaded.Config?.Server.Routes ?? [])
        {
            writer.WriteStartObject();
            writer.WriteString("from", route.Name);
            writer.WriteString("requests", RouteReport.MatchOf(route.Match));
            writer.WriteString("answer", RouteReport.ActionOf(route.Action));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string Text(EffectiveSetting setting) =>
        setting.Values.Count == 0 ? "-" : string.Join(", ", setting.Values.Select(value => value.Length == 0 ? "''" : value));
}
