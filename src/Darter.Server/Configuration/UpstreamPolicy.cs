namespace Darter.Server.Configuration;

/// <summary>How a destination is chosen among those that may be. Weights count in all of them.</summary>
public enum UpstreamPolicy
{
    /// <summary>Of two at random the one with fewer requests.</summary>
    PowerOfTwo,

    /// <summary>Each in turn.</summary>
    RoundRobin,

    /// <summary>Any.</summary>
    Random,

    /// <summary>The one with the fewest requests.</summary>
    LeastRequests,
}
