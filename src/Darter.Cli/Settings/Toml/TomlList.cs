namespace Darter.Cli.Settings.Toml;

/// <summary>An array; that of <c>[[tables]]</c> too.</summary>
internal sealed record TomlList(IReadOnlyList<TomlNode> Items, int Line) : TomlNode(Line)
{
    /// <inheritdoc/>
    internal override string Display => "a list";

    /// <inheritdoc/>
    internal override SettingValue ToSetting() => new(SettingKind.List, [.. Items.Select(TextOf)]);

    /// <summary>An item of a list or a table in one piece of text.</summary>
    internal static string TextOf(TomlNode node) => node.ToSetting() switch
    {
        { Items.Count: 1, Kind: not (SettingKind.List or SettingKind.Table) } single => single.Text,
        SettingValue value => value.ToString(),
    };
}
