using Darter.Server.Caching;
using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;
using Darter.Server.Control;
using Darter.Server.Proxying;

namespace Darter.Server;

/// <summary>Requests that are given to other servers.</summary>
public sealed partial class FrontServer
{
    private readonly Upstreams _upstreams;

    private Upstreams CreateUpstreams(ServerConfig config) => new(config, TimeProvider.System, _loggers);

    private IEnumerable<IFrontHandler> UpstreamPaths(ServerConfig config) =>
        config.UpstreamPaths.Select(path => new UpstreamPathHandler(path, Cached(new NamedUpstream(path.Upstream, timeout: null, _upstreams), settings: null, variant: "")));

    /// <summary>Has answers of an upstream kept, if there is a cache.</summary>
    private IFrontHandler Cached(NamedUpstream upstream, RouteCache? settings, string variant) => _cache is { } cache && settings is not { IsOn: false }
        ? new CachedHandler(features => upstream.TryHandle(features), cache, _config.Proxy, variant, settings?.Ttl)
        : upstream;

    /// <summary>Has other upstreams from now on.</summary>
    internal void ApplyUpstreams(IReadOnlyDictionary<string, UpstreamConfig> upstreams) => _upstreams.Apply(upstreams);

    /// <summary>Describes the upstreams; null: there are none.</summary>
    internal UpstreamStatus[]? DescribeUpstreams() => _upstreams.All.Count == 0
        ? null
        : [.. _upstreams.All.OrderBy(upstream => upstream.Name, StringComparer.Ordinal).Select(Describe)];

    private static UpstreamStatus Describe(Upstream upstream) =>
        new(upstream.Name, [.. upstream.Destinations.OrderBy(destination => destination.Name, StringComparer.Ordinal).Select(Describe)]);

    private static DestinationStatus Describe(Destination destination) => new()
    {
        Address = destination.Name,
        State = destination.IsUnhealthy ? "unhealthy" : destination.IsFailing ? "failing" : "available",
        Weight = destination.Weight,
        Running = destination.Running,
        Requests = destination.Requests,
        Failures = destination.Failures,
    };
}
