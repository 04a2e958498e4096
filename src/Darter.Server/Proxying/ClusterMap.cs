using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.SessionAffinity;

namespace Darter.Server.Proxying;

/// <summary>Says to YARP what an upstream is.</summary>
internal static class ClusterMap
{
    /// <summary>Metadata of a destination: the path of its Unix socket.</summary>
    internal const string UnixPath = "unix";

    /// <summary>Metadata of a cluster: all that its connections depend on.</summary>
    internal const string Connections = "connections";

    private const string WeightKey = "weight";
    private const string HostKey = "host";

    /// <summary>Makes a cluster.</summary>
    /// <param name="name">The upstream's name.</param>
    /// <param name="config">The upstream.</param>
    /// <param name="addressesOf">The addresses of a host that is a name; null: none are known.</param>
    internal static ClusterConfig Make(string name, UpstreamConfig config, Func<string, IReadOnlyList<IPAddress>?> addressesOf) => new()
    {
        ClusterId = name,
        Destinations = MakeDestinations(config, addressesOf),
        SessionAffinity = config.Sticky is { } sticky ? MakeAffinity(sticky) : null,
        HealthCheck = new HealthCheckConfig
        {
            AvailableDestinationsPolicy = AvailableDestinations.PolicyName,
            Active = config.Health is { } health ? MakeActive(health) : null,
        },
        HttpClient = new HttpClientConfig
        {
            EnableMultipleHttp2Connections = true,

            // Header values are bytes to us.
            RequestHeaderEncoding = "iso-8859-1",
            DangerousAcceptAnyServerCertificate = !config.VerifyCertificates,
        },
        HttpRequest = RequestConfigOf(config),
        Metadata = new Dictionary<string, string>
        {
            [Connections] = FormattableString.Invariant($"{config.ConnectTimeout.Ticks} {config.KeepAlive.Ticks} {NeedsConnector(config)}"),
            [ConsecutiveFailuresHealthPolicyOptions.ThresholdMetadataName] = (config.Health?.Fails ?? 1).ToString(CultureInfo.InvariantCulture),
        },
    };

    /// <summary>Whether connections are made in a way that the platform does not know.</summary>
    internal static bool NeedsConnector(UpstreamConfig config) =>
        config.Destinations.Any(destination => destination.UnixPath is not null || (destination.IsHttps && config.PassHost == true));

    /// <summary>The weight of a destination.</summary>
    internal static int WeightOf(DestinationConfig destination) => int.Parse(destination.Metadata![WeightKey], CultureInfo.InvariantCulture);

    /// <summary>The host, and the port if it is not the usual one, that a destination is asked for.</summary>
    internal static string HostOf(DestinationConfig destination) => destination.Metadata![HostKey];

    /// <summary>The configured address of a host that is a name, if it is one.</summary>
    internal static string? NameOf(UpstreamDestination destination) =>
        destination.UnixPath is null && new Uri(destination.Address) is { HostNameType: UriHostNameType.Dns } uri ? uri.IdnHost : null;

    private static ForwarderRequestConfig RequestConfigOf(UpstreamConfig config) => new()
    {
        ActivityTimeout = config.ActivityTimeout,
        Version = config.HttpVersion == UpstreamHttpVersion.Http11 ? HttpVersion.Version11 : HttpVersion.Version20,
        VersionPolicy = config.HttpVersion == UpstreamHttpVersion.Auto ? HttpVersionPolicy.RequestVersionOrLower : HttpVersionPolicy.RequestVersionExact,
    };

    private static SessionAffinityConfig MakeAffinity(UpstreamStickyConfig sticky) => new()
    {
        Enabled = true,
        Policy = SessionAffinityConstants.Policies.HashCookie,
        FailurePolicy = SessionAffinityConstants.FailurePolicies.Redistribute,
        AffinityKeyName = sticky.Cookie,
        Cookie = new SessionAffinityCookieConfig
        {
            HttpOnly = true,
            SecurePolicy = CookieSecurePolicy.SameAsRequest,
            MaxAge = sticky.MaxAge,
        },
    };

    private static ActiveHealthCheckConfig MakeActive(UpstreamHealthConfig health) => new()
    {
        Enabled = true,
        Interval = health.Interval,
        Timeout = health.Timeout,
        Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
        Path = health.Path,
    };

    private static Dictionary<string, DestinationConfig> MakeDestinations(UpstreamConfig config, Func<string, IReadOnlyList<IPAddress>?> addressesOf)
    {
        Dictionary<string, DestinationConfig> destinations = new(StringComparer.OrdinalIgnoreCase);
        foreach (UpstreamDestination destination in config.Destinations)
        {
            if (NameOf(destination) is { } name && addressesOf(name) is { Count: > 0 } addresses)
            {
                foreach (IPAddress address in addresses)
                {
                    UriBuilder uri = new(destination.Address) { Host = address.ToString() };
                    destinations[$"{destination.Address} ({address})"] = MakeDestination(destination, uri.Uri.GetLeftPart(UriPartial.Authority), config);
                }
            }
            else
            {
                // A name of which nothing is known stays one: connecting will look it up.
                destinations[destination.Address] = MakeDestination(destination, AddressOf(destination), config);
            }
        }

        return destinations;
    }

    private static DestinationConfig MakeDestination(UpstreamDestination destination, string address, UpstreamConfig config)
    {
        Dictionary<string, string> metadata = new()
        {
            [WeightKey] = destination.Weight.ToString(CultureInfo.InvariantCulture),
            [HostKey] = destination.UnixPath is null ? new Uri(destination.Address).Authority : "localhost",
        };
        if (destination.UnixPath is { } path)
        {
            metadata[UnixPath] = path;
        }

        return new DestinationConfig { Address = address, Host = metadata[HostKey], Metadata = metadata };
    }

    // Connections are kept by host and port: each socket gets a host of its own, in a domain that is nobody's (RFC 6761).
    private static string AddressOf(UpstreamDestination destination) => destination.UnixPath is { } path
        ? $"http://{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)).AsSpan(0, 16))}.invalid"
        : destination.Address;
}
