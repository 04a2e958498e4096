namespace Darter.Cli.Settings.Gunicorn;

/// <summary>What a mapping of a Gunicorn setting may do.</summary>
/// <param name="Set">Sets an option, unless its own setting does.</param>
/// <param name="Notice">Tells the operator what comes of the setting.</param>
/// <param name="Refuse">Reports the value as an error.</param>
internal sealed record GunicornMapping(Action<string, SettingValue> Set, Action<string> Notice, Action<string> Refuse);
