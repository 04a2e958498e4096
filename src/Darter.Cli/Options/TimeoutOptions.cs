using System.CommandLine;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>What happens when workers or requests take too long, or die.</summary>
internal sealed class TimeoutOptions : IOptionGroup
{
    internal Option<double> Timeout { get; } = NotNegative(new("--timeout")
    {
        Description = "Seconds without a sign of life after which a worker that has requests is replaced; 0: never",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 30,
    });

    internal Option<double> RequestTimeout { get; } = NotNegative(new("--request-timeout")
    {
        Description = "Seconds a single request may run, 504 beyond; 0: unlimited",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 0,
    });

    internal Option<bool> RetryIdempotent { get; } = new("--retry-idempotent")
    {
        Description = "Run a GET or HEAD request once more if its worker died before it answered",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Timeout, RequestTimeout, RetryIdempotent];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result) => config.Workers = config.Workers with
    {
        Timeout = TimeSpan.FromSeconds(result.GetValue(Timeout)),
        RequestTimeout = TimeSpan.FromSeconds(result.GetValue(RequestTimeout)),
        RetryIdempotent = result.GetValue(RetryIdempotent),
    };
}
