namespace Darter.Cli.Importing;

/// <summary>A directive of an nginx configuration.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">What stands behind it.</param>
/// <param name="Line">Its line, from 1 on.</param>
/// <param name="Block">What stands between its braces; null: it has none.</param>
internal sealed record NginxDirective(string Name, IReadOnlyList<string> Arguments, int Line, IReadOnlyList<NginxDirective>? Block)
{
    /// <summary>The file that it stands in; null: the one that is imported.</summary>
    internal string? File { get; init; }

    /// <summary>The first argument, or an empty text.</summary>
    internal string First => Arguments.Count > 0 ? Arguments[0] : "";

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', [Name, .. Arguments]);
}
