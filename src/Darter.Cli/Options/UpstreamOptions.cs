using System.CommandLine;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>Servers that requests below a path go to.</summary>
internal sealed class UpstreamOptions : IOptionGroup
{
    private const string Form = "/PATH=ADDRESS,...";

    private static readonly (string Name, UpstreamPolicy Policy)[] s_policies =
    [
        ("power-of-two", UpstreamPolicy.PowerOfTwo),
        ("round-robin", UpstreamPolicy.RoundRobin),
        ("random", UpstreamPolicy.Random),
        ("least-requests", UpstreamPolicy.LeastRequests),
    ];

    internal Option<string[]> Upstream { get; } = new("--upstream")
    {
        Description = "Give requests below a path to other servers, one or several: http://HOST:PORT, https://HOST:PORT, unix:/PATH; may be repeated",
        HelpName = Form,
        DefaultValueFactory = _ => [],
    };

    internal Option<string> Policy { get; } = OneOf([.. s_policies.Select(policy => policy.Name)], new("--upstream-policy")
    {
        Description = "How the server for a request is chosen among those of an --upstream",
        HelpName = "POLICY",
        DefaultValueFactory = _ => s_policies[0].Name,
    });

    internal Option<string?> Health { get; } = new("--upstream-health")
    {
        Description = "Ask the servers of each --upstream for this path every 5 s; one that does not answer with 2xx gets no requests",
        HelpName = "PATH",
    };

    internal Option<string?> Sticky { get; } = new("--upstream-sticky")
    {
        Description = "Keep each client with its server of an --upstream, by a cookie of this name",
        HelpName = "COOKIE",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All => [Upstream, Policy, Health, Sticky];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        Dictionary<string, UpstreamConfig> upstreams = new(StringComparer.Ordinal);
        UpstreamPolicy policy = Array.Find(s_policies, entry => entry.Name == result.GetValue(Policy)).Policy;
        foreach (string text in result.GetValue(Upstream)!)
        {
            int sign = text.IndexOf('=', StringComparison.Ordinal);
            if (sign < 0 || !text.StartsWith('/'))
            {
                config.Errors.Add($"--upstream: '{text}' is not {Form}: write /api=http://10.0.0.1:9000,http://10.0.0.2:9000, for example");
                continue;
            }

            string prefix = text[..sign].TrimEnd('/');
            UpstreamConfig upstream = new()
            {
                Destinations = [.. ReadDestinations(text[(sign + 1)..], config)],
                Policy = policy,
                Health = result.GetValue(Health) is { } path ? new UpstreamHealthConfig { Path = path } : null,
                Sticky = result.GetValue(Sticky) is { } cookie ? new UpstreamStickyConfig { Cookie = cookie } : null,
            };
            if (!upstreams.TryAdd(NameOf(prefix), upstream))
            {
                config.Errors.Add($"--upstream: {NameOf(prefix)} is there twice; separate its servers by commas");
            }
        }

        config.Errors.AddRange(upstreams.SelectMany(upstream => upstream.Value.Problems(upstream.Key)).Select(problem => $"--upstream: {problem}").Distinct());
        config.Server = config.Server with
        {
            Upstreams = upstreams,
            UpstreamPaths = [.. upstreams.Keys.OrderByDescending(name => name.Length).Select(name => new UpstreamPath(name.TrimEnd('/'), name))],
        };
    }

    private static IEnumerable<UpstreamDestination> ReadDestinations(string text, RunConfigBuilder config)
    {
        foreach (string address in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (UpstreamDestination.TryParse(address, out UpstreamDestination? destination, out string? error))
            {
                yield return destination;
            }
            else
            {
                config.Errors.Add($"--upstream: {error}");
            }
        }
    }

    // An upstream of the command line has the name of its path.
    private static string NameOf(string prefix) => prefix.Length == 0 ? "/" : prefix;
}
