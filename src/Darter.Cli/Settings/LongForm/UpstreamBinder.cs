using Darter.Cli.Settings.Shapes;
using Darter.Cli.Settings.Toml;
using Darter.Server.Configuration;

namespace Darter.Cli.Settings.LongForm;

/// <summary>Makes an upstream from its table.</summary>
/// <param name="folder">The file's folder, from which relative paths of sockets are meant.</param>
internal sealed class UpstreamBinder(string folder)
{
    /// <summary>The upstream. What is wrong with it goes to the reader's report.</summary>
    internal UpstreamConfig Bind(TableReader table)
    {
        UpstreamConfig defaults = new() { Destinations = [] };
        return new UpstreamConfig
        {
            Destinations = DestinationsOf(table),
            Policy = table.Text("policy") switch
            {
                "round-robin" => UpstreamPolicy.RoundRobin,
                "random" => UpstreamPolicy.Random,
                "least-requests" => UpstreamPolicy.LeastRequests,
                _ => UpstreamPolicy.PowerOfTwo,
            },
            Health = HealthOf(table.Table("health", UpstreamShapes.Health)),
            Passive = table.Truth("passive") == false ? null : PassiveOf(table.Table("passive", UpstreamShapes.Passive)),
            Sticky = StickyOf(table.Table("sticky", UpstreamShapes.Sticky)),
            Retries = table.Whole("retries"),
            SlowStart = table.Duration("slow_start") ?? defaults.SlowStart,
            MaxConnections = table.Whole("max_connections") ?? defaults.MaxConnections,
            ConnectTimeout = table.Duration("connect_timeout") ?? defaults.ConnectTimeout,
            ActivityTimeout = table.Duration("timeout") ?? defaults.ActivityTimeout,
            KeepAlive = table.Duration("keep_alive") ?? defaults.KeepAlive,
            HttpVersion = table.Text("http_version") switch
            {
                "1.1" => UpstreamHttpVersion.Http11,
                "2" => UpstreamHttpVersion.Http2,
                _ => UpstreamHttpVersion.Auto,
            },
            ResolveInterval = table.Duration("resolve_interval") ?? defaults.ResolveInterval,
            VerifyCertificates = table.Truth("verify_certificates") ?? defaults.VerifyCertificates,
            PassHost = table.Truth("pass_host"),
        };
    }

    private static UpstreamHealthConfig? HealthOf(TableReader? table)
    {
        if (table is null)
        {
            return null;
        }

        UpstreamHealthConfig health = new() { Path = table.Text("path")! };
        if (!health.Path.StartsWith('/'))
        {
            table.Error("path", $"must begin with a slash, as /health does, not '{health.Path}'");
        }

        return health with
        {
            Interval = table.Duration("interval") ?? health.Interval,
            Timeout = table.Duration("timeout") ?? health.Timeout,
            Fails = table.Whole("fails") ?? health.Fails,
        };
    }

    private static UpstreamPassiveConfig PassiveOf(TableReader? table)
    {
        UpstreamPassiveConfig passive = new();
        return table is null ? passive : new UpstreamPassiveConfig
        {
            MaxFails = table.Whole("max_fails") ?? passive.MaxFails,
            FailTimeout = table.Duration("fail_timeout") ?? passive.FailTimeout,
        };
    }

    private static UpstreamStickyConfig? StickyOf(TableReader? table)
    {
        if (table is null)
        {
            return null;
        }

        string cookie = table.Text("cookie")!;
        if (!HttpNames.IsToken(cookie))
        {
            table.Error("cookie", $"'{cookie}' is no name of a cookie: use letters, digits, hyphens and underscores");
        }

        return new UpstreamStickyConfig { Cookie = cookie, MaxAge = table.Duration("max_age") };
    }

    private List<UpstreamDestination> DestinationsOf(TableReader table)
    {
        List<UpstreamDestination> destinations = [];
        foreach (TomlNode node in ((TomlList)table.Node("destinations")!).Items)
        {
            TableReader? inner = node is TomlTable single ? new TableReader(single, UpstreamShapes.Destination, "destinations", table.Report) : null;
            string text = inner is null ? node.ToSetting().Text : inner.Text("address")!;
            if (text.StartsWith("unix:", StringComparison.Ordinal) && text.Length > "unix:".Length)
            {
                text = $"unix:{Path.GetFullPath(text["unix:".Length..], folder)}";
            }

            if (!UpstreamDestination.TryParse(text, out UpstreamDestination? destination, out string? error))
            {
                table.Report.Error(node.Line, "destinations", error);
            }
            else if (destinations.Any(other => other.Address == destination.Address))
            {
                table.Report.Error(node.Line, "destinations", $"'{text}' is there twice; a weight gives it more requests: {{ address = \"{text}\", weight = 2 }}");
            }
            else
            {
                destinations.Add(inner?.Whole("weight") is { } weight ? destination with { Weight = weight } : destination);
            }
        }

        return destinations;
    }
}
