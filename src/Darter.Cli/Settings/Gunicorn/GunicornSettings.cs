using System.CommandLine;

namespace Darter.Cli.Settings.Gunicorn;

/// <summary>Every setting that Gunicorn has (26.1, and http2_cleartext, which came after it), in the order of its manual.</summary>
internal static partial class GunicornSettings
{
    /// <summary>The setting of that name, or null.</summary>
    internal static GunicornSetting? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The setting of which an option has the meaning, or null.</summary>
    internal static GunicornSetting? ForOption(Option option, OptionTable table) =>
        All.FirstOrDefault(setting => ReferenceEquals(table.OptionOf(setting), option));
}
