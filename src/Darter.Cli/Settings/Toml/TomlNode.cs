namespace Darter.Cli.Settings.Toml;

/// <summary>A value in a TOML file, with its line, from 1 on.</summary>
internal abstract record TomlNode(int Line)
{
    /// <summary>What it is, in words, for messages: <c>'abc'</c>, <c>5</c>, <c>a list</c>.</summary>
    internal abstract string Display { get; }

    /// <summary>The same as a setting's value.</summary>
    internal abstract SettingValue ToSetting();
}
