namespace Darter.Server.Configuration;

/// <summary>Destinations are asked how they are; one that does not answer with 2xx gets no requests.</summary>
public sealed record UpstreamHealthConfig
{
    /// <summary>The path that is asked for with GET, with a query if need be: <c>/health</c>.</summary>
    public required string Path { get; init; }

    /// <summary>How often. Default 5 s, as NGINX Plus.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the answer may take. Default 3 s: less than the interval.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>After how many failures in a row a destination is unhealthy. Default 2, as YARP. One success makes it healthy again.</summary>
    public int Fails { get; init; } = 2;
}
