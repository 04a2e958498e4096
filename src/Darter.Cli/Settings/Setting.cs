namespace Darter.Cli.Settings;

/// <summary>A setting as a source has it: not yet known to exist, nor to have a value that will do.</summary>
/// <param name="Name">With underscores: <c>limit_request_line</c>.</param>
/// <param name="Value">The value.</param>
/// <param name="Origin">Where it was found.</param>
internal sealed record Setting(string Name, SettingValue Value, SettingOrigin Origin);
