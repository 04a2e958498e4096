namespace Darter.Server.Control;

/// <summary>A destination of an upstream, and what was counted of it since it was added.</summary>
public sealed record DestinationStatus
{
    /// <summary>Its address; of a host that is a name, with what the name leads to.</summary>
    public required string Address { get; init; }

    /// <summary>"available", "unhealthy": it does not pass the health check, or "failing": requests to it failed.</summary>
    public required string State { get; init; }

    /// <summary>Its weight.</summary>
    public required int Weight { get; init; }

    /// <summary>Requests that it has at the moment, WebSockets included.</summary>
    public required int Running { get; init; }

    /// <summary>Requests that it was given.</summary>
    public required long Requests { get; init; }

    /// <summary>Those that failed there.</summary>
    public required long Failures { get; init; }
}
