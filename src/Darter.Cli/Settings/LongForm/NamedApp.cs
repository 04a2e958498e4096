namespace Darter.Cli.Settings.LongForm;

/// <summary>An application that a route names.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Origin">Where.</param>
internal sealed record NamedApp(string Name, SettingOrigin Origin);
