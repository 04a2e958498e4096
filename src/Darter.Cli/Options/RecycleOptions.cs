using System.CommandLine;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>When workers are replaced although nothing is wrong with them.</summary>
internal sealed class RecycleOptions : IOptionGroup
{
    internal Option<int> MaxRequests { get; } = AtLeast(0, new("--max-requests")
    {
        Description = "Requests after which a worker is replaced; 0: never",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    });

    internal Option<int> MaxRequestsJitter { get; } = AtLeast(0, new("--max-requests-jitter")
    {
        Description = "Most that is added to --max-requests, at random for each worker",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    });

    internal Option<string> MaxMemory { get; } = new("--max-memory")
    {
        Description = "Resident memory above which a worker is replaced, such as 512MiB; 0: any",
        HelpName = "SIZE",
        DefaultValueFactory = _ => "0",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [MaxRequests, MaxRequestsJitter, MaxMemory];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        string size = result.GetValue(MaxMemory)!;
        if (!SizeText.TryParse(size, out long bytes))
        {
            config.Errors.Add($"--max-memory: '{size}' is not a size such as 512MiB, 2GB or a number of bytes");
        }

        config.Workers = config.Workers with
        {
            MaxRequests = result.GetValue(MaxRequests),
            MaxRequestsJitter = result.GetValue(MaxRequestsJitter),
            MaxMemory = bytes,
        };
    }
}
