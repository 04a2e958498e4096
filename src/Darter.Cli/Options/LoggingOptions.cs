using System.CommandLine;
using Microsoft.Extensions.Logging;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>What is logged.</summary>
internal sealed class LoggingOptions : IOptionGroup
{
    internal Option<string> LogLevel { get; } = OneOf(["debug", "info", "warning", "error", "critical"], new("--log-level")
    {
        Description = "Least severity logged: debug, info, warning, error or critical",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => "info",
    });

    /// <inheritdoc/>
    public IEnumerable<Option> All => [LogLevel];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result) => config.LogLevel = LevelOf(result.GetValue(LogLevel)!);

    private static LogLevel LevelOf(string name) => name switch
    {
        "debug" => Microsoft.Extensions.Logging.LogLevel.Debug,
        "warning" => Microsoft.Extensions.Logging.LogLevel.Warning,
        "error" => Microsoft.Extensions.Logging.LogLevel.Error,
        "critical" => Microsoft.Extensions.Logging.LogLevel.Critical,
        _ => Microsoft.Extensions.Logging.LogLevel.Information,
    };
}
