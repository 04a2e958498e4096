namespace Darter.Cli.Settings.Toml;

/// <summary>A key of a table.</summary>
/// <param name="Name">As the file has it.</param>
/// <param name="Value">Its value.</param>
/// <param name="Line">Where the key stands; of a table, where it is first named.</param>
internal sealed record TomlMember(string Name, TomlNode Value, int Line);
