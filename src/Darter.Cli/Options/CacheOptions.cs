using System.CommandLine;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>The cache of the application's answers.</summary>
internal sealed class CacheOptions : IOptionGroup
{
    // Less is no cache but a mistake in the unit.
    private const long LeastSize = 64 * 1024;

    private static readonly CacheConfig s_defaults = new();

    internal Option<long> Size { get; } = AtLeast(0, new Option<long>("--cache")
    {
        Description = "Keep answers of the application in so many bytes of memory, as they allow it (RFC 9111); 0: do not",
        HelpName = "BYTES",
        DefaultValueFactory = _ => s_defaults.Size,
    });

    internal Option<double> Ttl { get; } = NotNegative(new("--cache-ttl")
    {
        Description = "Seconds for which answers are kept that say nothing of it, to requests without cookies and credentials; 0: they are not",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => s_defaults.Ttl.TotalSeconds,
    });

    internal Option<int> MaxObject { get; } = AtLeast(1, new("--cache-max-object")
    {
        Description = "Most bytes of the body of an answer that is kept",
        HelpName = "BYTES",
        DefaultValueFactory = _ => s_defaults.MaxObject,
    });

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Size, Ttl, MaxObject];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        CacheConfig cache = new()
        {
            Size = result.GetValue(Size),
            Ttl = TimeSpan.FromSeconds(result.GetValue(Ttl)),
            MaxObject = result.GetValue(MaxObject),
        };
        if (cache.Size is > 0 and < LeastSize)
        {
            config.Errors.Add($"--cache must be at least {LeastSize} bytes, or 0, not {cache.Size}: 256MiB is a size with a unit");
        }

        config.Server = config.Server with { Cache = cache };
    }
}
