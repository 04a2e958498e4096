using System.CommandLine;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>The processes, and how long they live.</summary>
internal sealed class WorkerOptions : IOptionGroup
{
    internal Option<int> Workers { get; } = AtLeast(1, new("--workers", "-w")
    {
        Description = "Worker processes",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    });

    internal Option<int> Threads { get; } = AtLeast(1, new("--threads")
    {
        Description = "Requests each worker runs at a time, in threads",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    });

    internal Option<double> GracefulTimeout { get; } = Positive(new("--graceful-timeout")
    {
        Description = "Seconds that requests may take to finish once the server is asked to stop",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 30,
    });

    internal Option<bool> Preload { get; } = new("--preload")
    {
        Description = "Load the application once and fork the workers from that process: they share its memory",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Workers, Threads, GracefulTimeout, Preload];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        TimeSpan grace = TimeSpan.FromSeconds(result.GetValue(GracefulTimeout));
        config.Server = config.Server with { GracefulTimeout = grace };
        config.Workers = config.Workers with
        {
            Workers = result.GetValue(Workers),
            Threads = result.GetValue(Threads),
            LeaveTime = grace,
            Preload = result.GetValue(Preload),
        };
    }
}
