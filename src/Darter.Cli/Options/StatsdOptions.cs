using System.CommandLine;
using Darter.Server.Configuration;

namespace Darter.Cli.Options;

/// <summary>Metrics sent to a StatsD server, under Gunicorn's names.</summary>
internal sealed class StatsdOptions : IOptionGroup
{
    internal Option<string?> Host { get; } = new("--statsd-host")
    {
        Description = "Send metrics to a StatsD server: HOST:PORT (UDP) or unix://PATH; default: none",
        HelpName = "ADDRESS",
    };

    internal Option<string> Prefix { get; } = new("--statsd-prefix")
    {
        Description = "What stands before the names of metrics; a dot is added",
        HelpName = "PREFIX",
        DefaultValueFactory = _ => "",
    };

    internal Option<string> Tags { get; } = new("--dogstatsd-tags")
    {
        Description = "DogStatsD tags of all metrics, such as 'env:live,zone:a'",
        HelpName = "TAGS",
        DefaultValueFactory = _ => "",
    };

    internal Option<bool> Backlog { get; } = new("--enable-backlog-metric")
    {
        Description = "Send the length of the queue, once a second, as gunicorn.backlog",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Host, Prefix, Tags, Backlog];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        if (result.GetValue(Host) is not { } text)
        {
            return;
        }

        if (!StatsdAddress.TryParse(text, out StatsdAddress? address))
        {
            config.Errors.Add($"--statsd-host: '{text}' is not an address: write HOST:PORT or unix://PATH");
            return;
        }

        StatsdConfig statsd = new()
        {
            Address = address,
            Prefix = result.GetValue(Prefix)!,
            Tags = result.GetValue(Tags)!,
            Backlog = result.GetValue(Backlog),
        };
        config.Server = config.Server with { Logging = config.Server.Logging with { Statsd = statsd } };
    }
}
