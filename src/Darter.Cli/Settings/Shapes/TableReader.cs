using Darter.Cli.Settings.Toml;

namespace Darter.Cli.Settings.Shapes;

/// <summary>Takes the values out of a table. The table was checked: what is missing here is not there, or was reported.</summary>
/// <param name="table">The table.</param>
/// <param name="shape">The keys it may have.</param>
/// <param name="path">The keys that lead to it.</param>
/// <param name="report">Takes further mistakes.</param>
internal sealed class TableReader(TomlTable table, TableShape shape, string path, FileReport report)
{
    /// <summary>Where the table begins.</summary>
    internal int Line => table.Line;

    /// <summary>Takes further mistakes.</summary>
    internal FileReport Report => report;

    /// <summary>Whether a key is there.</summary>
    internal bool Has(string name) => Member(name) is not null;

    /// <summary>Where a key stands; the table, if it does not.</summary>
    internal int LineOf(string name) => Member(name)?.Line ?? table.Line;

    /// <summary>The value of a key, or null.</summary>
    internal TomlNode? Node(string name) => Member(name)?.Value;

    /// <summary>A text.</summary>
    internal string? Text(string name) => Node(name) is TomlScalar { Value: { Kind: SettingKind.Text } value } ? value.Text : null;

    /// <summary>A text, or several.</summary>
    internal IReadOnlyList<string> Texts(string name) => Node(name) switch
    {
        TomlList list => [.. list.Items.OfType<TomlScalar>().Select(item => item.Value.Text)],
        TomlScalar item => [item.Value.Text],
        _ => [],
    };

    /// <summary>Texts with names.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Pairs(string name) => Node(name) is TomlTable pairs
        ? [.. pairs.Members.Select(member => KeyValuePair.Create(member.Name, member.Value.ToSetting().Text))]
        : [];

    /// <summary>A whole number.</summary>
    internal int? Whole(string name) => Node(name) is TomlScalar item && int.TryParse(item.Value.Text, out int value) ? value : null;

    /// <summary>True or false.</summary>
    internal bool? Truth(string name) => Node(name) is TomlScalar { Value: { Kind: SettingKind.Boolean } value } ? value.Truth : null;

    /// <summary>A duration.</summary>
    internal TimeSpan? Duration(string name) => Node(name) is { } node ? MeasureShape.DurationOf(node) : null;

    /// <summary>A size in bytes.</summary>
    internal long? Size(string name) => Node(name) is { } node ? MeasureShape.SizeOf(node) : null;

    /// <summary>A table in it, with the keys of <paramref name="inner"/>; null: the key is not there, or no table.</summary>
    internal TableReader? Table(string name, TableShape inner) => Node(name) is TomlTable found ? new TableReader(found, inner, Path(name), report) : null;

    /// <summary>Reports a mistake in the value of a key.</summary>
    internal void Error(string name, string message) => report.Error(LineOf(name), Path(name), message);

    /// <summary>Reports a mistake in the table as a whole.</summary>
    internal void Error(string message) => report.Error(table.Line, path, message);

    private string Path(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private TomlMember? Member(string name)
    {
        TableKey key = shape.Find(name) ?? throw new InvalidOperationException($"The key {name} is not described.");
        return table.Members.FirstOrDefault(member => shape.Find(member.Name) == key);
    }
}
