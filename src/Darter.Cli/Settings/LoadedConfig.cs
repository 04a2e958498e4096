using Darter.Cli.Options;
using Darter.Cli.Settings.Files;

namespace Darter.Cli.Settings;

/// <summary>What came of loading the configuration.</summary>
internal sealed record LoadedConfig
{
    /// <summary>The configuration; null if there are errors.</summary>
    internal required RunConfig? Config { get; init; }

    /// <summary>All that is wrong, a message each.</summary>
    internal required IReadOnlyList<string> Errors { get; init; }

    /// <summary>What works otherwise than the settings may suggest, a message each.</summary>
    internal required IReadOnlyList<string> Notices { get; init; }

    /// <summary>The configuration file that was read, or null.</summary>
    internal required ConfigFileReference? File { get; init; }

    /// <summary>Every setting as it holds, the target first.</summary>
    internal required IReadOnlyList<EffectiveSetting> Settings { get; init; }

    /// <summary>The applications of a file that has a table for each, with their own settings. Default none.</summary>
    internal IReadOnlyList<EffectiveApp> Apps { get; init; } = [];
}
