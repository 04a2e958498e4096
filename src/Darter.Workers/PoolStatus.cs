using Darter.Wire;

namespace Darter.Workers;

/// <summary>A pool at a moment.</summary>
public sealed record PoolStatus
{
    /// <summary>What the workers serve; null until the first is ready.</summary>
    public required ApplicationInterface? Interface { get; init; }

    /// <summary>The generation that serves; 0 until the first does.</summary>
    public required int Generation { get; init; }

    /// <summary>How many workers it is to have.</summary>
    public required int Target { get; init; }

    /// <summary>The workers, those that start and that leave included, in the order of generation and number.</summary>
    public required IReadOnlyList<WorkerStatus> Workers { get; init; }

    /// <summary>Requests that wait for a worker.</summary>
    public required int Waiting { get; init; }

    /// <summary>Requests that workers have ended since the start, those of workers that are gone included.</summary>
    public required long Requests { get; init; }

    /// <summary>Processes started since the start.</summary>
    public required long WorkersStarted { get; init; }

    /// <summary>Workers that crashed.</summary>
    public required long WorkersDied { get; init; }

    /// <summary>Reloads that succeeded.</summary>
    public required long Reloads { get; init; }

    /// <summary>Reloads that did not.</summary>
    public required long FailedReloads { get; init; }
}
