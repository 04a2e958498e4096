using Darter.Workers;

namespace Darter.Server.Control;

/// <summary>An application of a running server.</summary>
public sealed record AppStatus
{
    /// <summary>Its name in the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>The application, as it was named.</summary>
    public required string Target { get; init; }

    /// <summary>"wsgi", "asgi" or "tornado"; null until the first worker is ready.</summary>
    public required string? Interface { get; init; }

    /// <summary>The interpreter of the workers.</summary>
    public required string Python { get; init; }

    /// <summary>The generation that serves; 0 until the first does.</summary>
    public required int Generation { get; init; }

    /// <summary>How many workers there are to be.</summary>
    public required int WorkersWanted { get; init; }

    /// <summary>The workers, those that start and that leave included.</summary>
    public required IReadOnlyList<WorkerStatus> Workers { get; init; }

    /// <summary>Requests that wait for a worker.</summary>
    public required int Waiting { get; init; }

    /// <summary>What was counted since the start.</summary>
    public required ServerTotals Totals { get; init; }
}
