using System.CommandLine;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>How many requests may wait for a worker, and for how long.</summary>
internal sealed class QueueOptions : IOptionGroup
{
    internal Option<int> MaxQueue { get; } = AtLeast(0, new("--max-queue")
    {
        Description = "Most requests that wait for a worker, 503 beyond; 0: unlimited",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    });

    internal Option<double> QueueTimeout { get; } = NotNegative(new("--queue-timeout")
    {
        Description = "Seconds a request may wait for a worker, 503 beyond; 0: unlimited",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 0,
    });

    /// <inheritdoc/>
    public IEnumerable<Option> All => [MaxQueue, QueueTimeout];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result) => config.Workers = config.Workers with
    {
        MaxQueue = result.GetValue(MaxQueue),
        QueueTimeout = TimeSpan.FromSeconds(result.GetValue(QueueTimeout)),
    };
}
