namespace Darter.Cli.Settings.LongForm;

/// <summary>A table <c>[apps.NAME]</c>.</summary>
/// <param name="Name">The application's name.</param>
/// <param name="Origin">Where the table begins.</param>
/// <param name="Settings">Its keys.</param>
internal sealed record AppSource(string Name, SettingOrigin Origin, IReadOnlyList<Setting> Settings);
