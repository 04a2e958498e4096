using System.Text.Json;
using System.Text.RegularExpressions;
using Darter.Cli.Settings.Toml;

namespace Darter.Cli.Settings.Shapes;

/// <summary>A table with known keys.</summary>
internal sealed class TableShape(params IEnumerable<TableKey> keys) : Shape
{
    private readonly TableKey[] _keys = [.. keys];

    /// <summary>The keys.</summary>
    internal IReadOnlyList<TableKey> Keys => _keys;

    /// <summary>Says why a key that is known elsewhere is none here; null: it is not known anywhere.</summary>
    internal Func<string, string?>? Elsewhere { get; init; }

    /// <inheritdoc/>
    internal override string Expected => "a table";

    /// <summary>A key's name as it is known: with underscores.</summary>
    internal static string Usual(string name) => name.Replace('-', '_');

    /// <summary>The key of that name, or null.</summary>
    internal TableKey? Find(string name) => Array.Find(_keys, key => key.Name == Usual(name) || key.Aliases.Contains(Usual(name)));

    /// <inheritdoc/>
    internal override bool Admits(TomlNode node) => node is TomlTable;

    /// <inheritdoc/>
    internal override void CheckInside(TomlNode node, string path, FileReport report)
    {
        TomlTable table = (TomlTable)node;
        Dictionary<TableKey, TomlMember> found = [];
        foreach (TomlMember member in table.Members)
        {
            string inside = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (Find(member.Name) is not { } key)
            {
                report.Error(member.Line, inside, Elsewhere?.Invoke(Usual(member.Name)) ?? Unknown(member.Name));
            }
            else if (!found.TryAdd(key, member))
            {
                report.Error(member.Line, inside, $"is set at line {found[key].Line} already, as {found[key].Name}");
            }
            else
            {
                _ = key.Shape.Check(member.Value, inside, report);
            }
        }

        foreach (TableKey key in _keys.Where(key => key.IsRequired && !found.ContainsKey(key)))
        {
            report.Error(table.Line, path, $"{key.Name} is missing");
        }
    }

    /// <inheritdoc/>
    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        foreach (TableKey key in _keys)
        {
            writer.WriteStartObject(key.Name);
            writer.WriteString("description", key.Description);
            key.Shape.Write(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        string[] others = [.. _keys.SelectMany(key => key.Aliases.Append(key.Name)).SelectMany(OtherNames).Except(_keys.Select(key => key.Name)).Order(StringComparer.Ordinal)];
        if (others.Length > 0)
        {
            // They are understood, but not what an editor should offer.
            writer.WriteStartObject("patternProperties");
            writer.WriteStartObject($"^({string.Join('|', others.Select(Regex.Escape))})$");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        if (_keys.Any(key => key.IsRequired))
        {
            writer.WriteStartArray("required");
            foreach (TableKey key in _keys.Where(key => key.IsRequired))
            {
                writer.WriteStringValue(key.Name);
            }

            writer.WriteEndArray();
        }

        writer.WriteBoolean("additionalProperties", false);
    }

    private static string[] OtherNames(string name) => name.Contains('_') ? [name, name.Replace('_', '-')] : [name];

    private string Unknown(string name)
    {
        IEnumerable<string> known = _keys.SelectMany(key => key.Aliases.Append(key.Name));
        string hint = NearestName.Find(Usual(name), known) is { } near ? $"; did you mean {near}?" : $"; there are {string.Join(", ", _keys.Select(key => key.Name).Order(StringComparer.Ordinal))}";
        return $"there is no such key{hint}";
    }
}
