namespace Darter.Cli.Settings;

/// <summary>The values that a source has for an option.</summary>
/// <param name="Name">The setting's name there, which may be Gunicorn's.</param>
/// <param name="Values">One value, or as many as the option takes.</param>
/// <param name="Origin">Where they were found.</param>
/// <param name="Notice">What the operator should know if they come into effect.</param>
internal sealed record LayerEntry(string Name, IReadOnlyList<string> Values, SettingOrigin Origin, string? Notice = null);
