using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Darter.Server.Proxying;

/// <summary>
/// Which destinations get requests: those of which nothing bad is known; if there are none, those that only failed requests,
/// for a client is better served by a try than by an error. What a health check says counts always.
/// </summary>
internal sealed class AvailableDestinations(Action<string, IReadOnlyList<DestinationState>, IReadOnlyList<DestinationState>> onChanged) : IAvailableDestinationsPolicy
{
    /// <summary>The policy's name.</summary>
    internal const string PolicyName = "Darter";

    /// <inheritdoc/>
    public string Name => PolicyName;

    /// <inheritdoc/>
    public IReadOnlyList<DestinationState> GetAvailalableDestinations(ClusterConfig config, IReadOnlyList<DestinationState> allDestinations)
    {
        List<DestinationState> available = Select(allDestinations, static health => health.Active != DestinationHealth.Unhealthy && health.Passive != DestinationHealth.Unhealthy);
        if (available.Count == 0)
        {
            available = Select(allDestinations, static health => health.Active != DestinationHealth.Unhealthy);
        }

        onChanged(config.ClusterId, allDestinations, available);
        return available;
    }

    private static List<DestinationState> Select(IReadOnlyList<DestinationState> all, Predicate<DestinationHealthState> isAvailable) =>
        [.. all.Where(destination => isAvailable(destination.Health))];
}
