using Darter.Cli.Settings.LongForm;

namespace Darter.Cli.Settings.Files;

/// <summary>What a configuration file says.</summary>
internal sealed class ConfigFile
{
    /// <summary>The settings, in the order of the file.</summary>
    internal List<Setting> Settings { get; } = [];

    /// <summary>The settings of the table <c>[dev]</c>, which are for <c>darter dev</c> alone.</summary>
    internal List<Setting> Development { get; } = [];

    /// <summary>Names with plain values in a Python file that are no settings: usually the file's own business.</summary>
    internal List<Setting> Others { get; } = [];

    /// <summary>The hooks that are defined, with their places.</summary>
    internal Dictionary<string, SettingOrigin> Hooks { get; } = [];

    /// <summary>What only a TOML file can say: applications, upstreams and routes.</summary>
    internal LongFormConfig LongForm { get; } = new();
}
