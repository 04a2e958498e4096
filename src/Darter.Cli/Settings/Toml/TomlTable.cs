namespace Darter.Cli.Settings.Toml;

/// <summary>A table, however it is written: <c>[a]</c>, <c>a.b = 1</c> or <c>a = { b = 1 }</c>.</summary>
/// <param name="Line">Where it is first named.</param>
/// <param name="IsInline">Whether it is written between braces.</param>
internal sealed record TomlTable(int Line, bool IsInline) : TomlNode(Line)
{
    private readonly List<TomlMember> _members = [];

    /// <summary>The keys, in the order of the file.</summary>
    internal IReadOnlyList<TomlMember> Members => _members;

    /// <inheritdoc/>
    internal override string Display => "a table";

    /// <summary>The key of that name, or null.</summary>
    internal TomlMember? Find(string name) => _members.Find(member => member.Name == name);

    /// <summary>Adds a key that is not there yet.</summary>
    internal void Add(TomlMember member) => _members.Add(member);

    /// <inheritdoc/>
    internal override SettingValue ToSetting() => new(SettingKind.Table, [.. Members.Select(member => $"{member.Name}={TomlList.TextOf(member.Value)}")]);
}
