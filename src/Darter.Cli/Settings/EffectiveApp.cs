namespace Darter.Cli.Settings;

/// <summary>An application of a file that has a table for each, for <c>darter check</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Settings">What its table sets, the target first; all else is as for all.</param>
internal sealed record EffectiveApp(string Name, IReadOnlyList<EffectiveSetting> Settings);
