namespace Darter.Cli.Settings.Toml;

/// <summary>A text, a number, or true or false. Dates are the text they are written as.</summary>
internal sealed record TomlScalar(SettingValue Value, int Line) : TomlNode(Line)
{
    /// <inheritdoc/>
    internal override string Display => Value.ToString();

    /// <inheritdoc/>
    internal override SettingValue ToSetting() => Value;
}
