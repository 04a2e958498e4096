using System.CommandLine;

namespace Darter.Cli.Options;

/// <summary>Where the settings are, and whether they are only to be looked at.</summary>
internal sealed class ConfigOptions : IOptionGroup
{
    internal Option<string?> Config { get; } = new("--config", "-c")
    {
        Description = "Settings: darter.toml, pyproject.toml or gunicorn.conf.py, also file:PATH or python:MODULE; default: the first of these in the current folder",
        HelpName = "FILE",
    };

    internal Option<bool> CheckConfig { get; } = new("--check-config")
    {
        Description = "Check the settings, load the application, and end",
    };

    internal Option<bool> PrintConfig { get; } = new("--print-config")
    {
        Description = "Print the settings in effect, then do as --check-config",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Config, CheckConfig, PrintConfig];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        config.PrintSettings = result.GetValue(PrintConfig);
        config.CheckOnly = config.PrintSettings || result.GetValue(CheckConfig);
    }
}
