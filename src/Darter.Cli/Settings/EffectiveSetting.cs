namespace Darter.Cli.Settings;

/// <summary>A setting as it holds, for <c>darter check</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">One value, several for a list, none if it is not set and has no default.</param>
/// <param name="IsList">Whether it may have several values.</param>
/// <param name="Type">What a value is: a truth value, a number or text.</param>
/// <param name="Origin">Where it comes from.</param>
internal sealed record EffectiveSetting(string Name, IReadOnlyList<string> Values, bool IsList, SettingKind Type, SettingOrigin Origin);
