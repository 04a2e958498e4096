using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Model;

namespace Darter.Server.Proxying;

/// <summary>An upstream: gives requests to its destinations. Any thread.</summary>
internal sealed partial class Upstream : IFrontHandler
{
    private readonly DestinationChoice _choice = new();
    private volatile UpstreamConfig _config;
    private volatile Destination[] _all = [];
    private volatile Destination[] _available = [];
    private volatile ClusterState? _cluster;

    /// <param name="name">Its name.</param>
    /// <param name="config">Its settings.</param>
    /// <param name="site">What all upstreams share.</param>
    internal Upstream(string name, UpstreamConfig config, ProxySite site)
    {
        Name = name;
        _config = config;
        Site = site;
    }

    /// <summary>Its name.</summary>
    internal string Name { get; }

    /// <summary>What all upstreams share.</summary>
    internal ProxySite Site { get; }

    /// <summary>Its settings. They may change between two requests.</summary>
    internal UpstreamConfig Config
    {
        get => _config;
        set => _config = value;
    }

    /// <summary>YARP's view of it, with the client.</summary>
    internal ClusterState Cluster
    {
        get => _cluster ?? throw new InvalidOperationException($"The upstream '{Name}' is not set up.");
        set => _cluster = value;
    }

    /// <summary>All its destinations.</summary>
    internal IReadOnlyList<Destination> Destinations => _all;

    /// <summary>Those that get requests.</summary>
    internal Destination[] Available => _available;

    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features) => HandleAsync(features, null);

    /// <summary>Answers a request.</summary>
    /// <param name="features">The request, and the response to write.</param>
    /// <param name="timeout">How long nothing may come from the destination or go to it; null: as the settings say.</param>
    internal Task<long> HandleAsync(IFeatureCollection features, TimeSpan? timeout) => new ForwardedRequest(this, features, timeout).RunAsync();

    /// <summary>The destinations, or those of them that get requests, are others. Called for one change after the other.</summary>
    internal void OnChanged(IReadOnlyList<DestinationState> all, IReadOnlyList<DestinationState> available)
    {
        Destination[] before = _all;
        Destination[] availableBefore = _available;
        Destination[] now = [.. all.Select(state => Array.Find(before, destination => destination.State == state) ?? new Destination(state, Site.Time))];
        foreach (Destination destination in now)
        {
            destination.Weight = ClusterMap.WeightOf(destination.State.Model.Config);
        }

        Destination[] availableNow = [.. now.Where(destination => available.Contains(destination.State))];
        if (before.Length > 0)
        {
            // Those that only failed requests get them again as long as there are no others; they are not well for that.
            foreach (Destination destination in availableNow.Except(availableBefore).Where(destination => !destination.IsFailing))
            {
                destination.StartSlowly();
                if (before.Contains(destination))
                {
                    Log.Available(Site.Logger, Name, destination.Name);
                }
            }
        }

        foreach (Destination destination in availableBefore.Except(availableNow).Intersect(now))
        {
            Log.Unavailable(Site.Logger, Name, destination.Name, destination.IsUnhealthy ? "it does not pass the health check" : "requests to it failed");
        }

        if (availableNow.Length == 0 && availableBefore.Length > 0)
        {
            Log.NoneAvailable(Site.Logger, Name);
        }
        else if (now.Length > 1 && availableNow.All(destination => destination.IsFailing))
        {
            Log.AllFailing(Site.Logger, Name);
        }

        _all = now;
        _available = availableNow;
    }

    /// <summary>
    /// Chooses a destination and counts a request for it. Null: there is none beside those that were tried, or they all have as
    /// many requests as they may have.
    /// </summary>
    internal Destination? Enter(UpstreamConfig config, List<Destination>? tried)
    {
        List<Destination> candidates = [];
        foreach (Destination destination in _available)
        {
            if ((config.MaxConnections == 0 || destination.Running < config.MaxConnections) && tried?.Contains(destination) != true)
            {
                candidates.Add(destination);
            }
        }

        while (candidates.Count > 0)
        {
            Destination chosen = _choice.Choose(config.Policy, candidates, config.SlowStart);
            if (chosen.TryEnter(config.MaxConnections))
            {
                return chosen;
            }

            // Another request was quicker.
            candidates.Remove(chosen);
        }

        return null;
    }

    /// <summary>A request failed at a destination, through no fault of its client's.</summary>
    internal void OnFailed(UpstreamConfig config, Destination destination)
    {
        UpstreamPassiveConfig passive = config.Passive ?? new UpstreamPassiveConfig { MaxFails = int.MaxValue };
        if (destination.Fail(passive.MaxFails, passive.FailTimeout))
        {
            Site.Health.SetPassive(Cluster, destination.State, DestinationHealth.Unhealthy, passive.FailTimeout);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(700, LogLevel.Warning, "Upstream {Upstream}: {Destination} gets no requests, since {Cause}")]
        internal static partial void Unavailable(ILogger logger, string upstream, string destination, string cause);

        [LoggerMessage(701, LogLevel.Information, "Upstream {Upstream}: {Destination} gets requests again")]
        internal static partial void Available(ILogger logger, string upstream, string destination);

        [LoggerMessage(702, LogLevel.Error, "Upstream {Upstream}: no destination is left; requests are answered 503")]
        internal static partial void NoneAvailable(ILogger logger, string upstream);

        [LoggerMessage(703, LogLevel.Error, "Upstream {Upstream}: requests to all destinations failed; they are tried all the same")]
        internal static partial void AllFailing(ILogger logger, string upstream);
    }
}
