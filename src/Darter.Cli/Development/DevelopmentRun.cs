namespace Darter.Cli.Development;

/// <summary>What <c>darter dev</c> does that is neither the front's business nor the workers'.</summary>
internal sealed record DevelopmentRun
{
    /// <summary>Whether the application is loaded anew when a source changes. Default: yes.</summary>
    internal bool Reloads { get; init; } = true;

    /// <summary>The folders whose files are watched, full paths.</summary>
    internal required IReadOnlyList<string> Folders { get; init; }

    /// <summary>Patterns of further files that are sources. Default: none.</summary>
    internal IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of files and folders whose changes do not matter. Default: none.</summary>
    internal IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Whether the browser is opened at the start. Default: no.</summary>
    internal bool Opens { get; init; }

    /// <summary>Whether requests are not shown. Default: they are.</summary>
    internal bool IsQuiet { get; init; }
}
