using System.CommandLine;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>How the server tells others how it is.</summary>
internal sealed class HealthOptions : IOptionGroup
{
    internal Option<string?> LivePath { get; } = new("--livez")
    {
        Description = "Path that answers 200 while the server lives, else 503, such as /livez; default: none",
        HelpName = "PATH",
    };

    internal Option<string?> ReadyPath { get; } = new("--readyz")
    {
        Description = "Path that answers 200 while the server is ready for requests, else 503, such as /readyz; default: none",
        HelpName = "PATH",
    };

    internal Option<double> DrainDelay { get; } = NotNegative(new("--drain-delay")
    {
        Description = "Seconds the server serves on after SIGTERM, no longer ready, before it stops",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 0,
    });

    /// <inheritdoc/>
    public IEnumerable<Option> All => [LivePath, ReadyPath, DrainDelay];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        HealthConfig health = new()
        {
            LivePath = PathOf(result, LivePath, config.Errors),
            ReadyPath = PathOf(result, ReadyPath, config.Errors),
            DrainDelay = TimeSpan.FromSeconds(result.GetValue(DrainDelay)),
        };
        if (health.LivePath is not null && health.LivePath == health.ReadyPath)
        {
            config.Errors.Add("--livez and --readyz must be different paths");
        }

        config.Server = config.Server with { Health = health };
    }

    private static string? PathOf(ParseResult result, Option<string?> option, List<string> errors)
    {
        string? path = result.GetValue(option);
        if (path is not null && (!path.StartsWith('/') || path.Any(character => character is <= ' ' or > '~' or '?' or '#')))
        {
            errors.Add($"{option.Name}: '{path}' is not a path: write /NAME");
        }

        return path;
    }
}
