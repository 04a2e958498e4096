namespace Darter.Cli.Settings.Shapes;

/// <summary>A key of a table that Darter knows.</summary>
/// <param name="Name">With underscores; in files hyphens will do, too.</param>
/// <param name="Shape">What its value may be.</param>
/// <param name="Description">What it says, for editors.</param>
/// <param name="IsRequired">Whether it must be there.</param>
internal sealed record TableKey(string Name, Shape Shape, string Description, bool IsRequired = false)
{
    /// <summary>Other names that are understood.</summary>
    internal IReadOnlyList<string> Aliases { get; init; } = [];
}
