namespace Darter.Testing;

/// <summary>A row of docs/reference/gunicorn.md.</summary>
/// <param name="Name">The setting.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Here">What becomes of it.</param>
/// <param name="Option">The option with its meaning; null for TARGET, and where it has none.</param>
/// <param name="Python">A line of a configuration file that sets it.</param>
public sealed record GunicornReferenceRow(string Name, IReadOnlyList<string> Flags, string Here, string? Option, string Python);
