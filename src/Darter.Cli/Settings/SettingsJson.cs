using System.Buffers;
using System.Text.Json;
using Darter.Cli.Settings.Gunicorn;

namespace Darter.Cli.Settings;

/// <summary>Settings as JSON.</summary>
internal static class SettingsJson
{
    /// <summary>The settings that Gunicorn has too, by its names: what hooks see as <c>cfg</c>.</summary>
    internal static JsonElement ForGunicorn(IReadOnlyList<EffectiveSetting> settings, OptionTable table)
    {
        Dictionary<string, EffectiveSetting> byName = settings.ToDictionary(setting => setting.Name);
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            foreach (GunicornSetting gunicorn in GunicornSettings.All)
            {
                string? name = gunicorn.Option == OptionTable.Target ? OptionTable.Target : table.OptionOf(gunicorn) is { } option ? OptionTable.NameOf(option) : null;
                if (name is not null && byName.TryGetValue(name, out EffectiveSetting? setting))
                {
                    writer.WritePropertyName(gunicorn.Name);
                    WriteValue(writer, setting);
                }
            }

            writer.WriteEndObject();
        }

        using JsonDocument document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }

    /// <summary>Writes a value: a list, a truth value, a number, text, or null.</summary>
    internal static void WriteValue(Utf8JsonWriter writer, EffectiveSetting setting)
    {
        if (setting.IsList)
        {
            writer.WriteStartArray();
            foreach (string value in setting.Values)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }
        else if (setting.Values.Count == 0)
        {
            writer.WriteNullValue();
        }
        else if (setting.Type == SettingKind.Boolean)
        {
            writer.WriteBooleanValue(setting.Values[0] == "true");
        }
        else if (setting.Type == SettingKind.Number)
        {
            writer.WriteRawValue(setting.Values[0]);
        }
        else
        {
            writer.WriteStringValue(setting.Values[0]);
        }
    }
}
