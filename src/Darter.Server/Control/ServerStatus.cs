using Darter.Workers;

namespace Darter.Server.Control;

/// <summary>A running server at a moment: what <c>darter status</c> shows.</summary>
public sealed record ServerStatus
{
    /// <summary>The process id of the front.</summary>
    public required int Pid { get; init; }

    /// <summary>Darter's version.</summary>
    public required string Version { get; init; }

    /// <summary>Seconds since the front was started.</summary>
    public required double Uptime { get; init; }

    /// <summary>"starting", "ready", "no workers" or "draining".</summary>
    public required string State { get; init; }

    /// <summary>The application, as it was named.</summary>
    public required string Target { get; init; }

    /// <summary>"wsgi", "asgi" or "tornado"; null until the first worker is ready.</summary>
    public required string? Interface { get; init; }

    /// <summary>The interpreter of the workers.</summary>
    public required string Python { get; init; }

    /// <summary>Where the server listens.</summary>
    public required IReadOnlyList<string> Listeners { get; init; }

    /// <summary>The control socket.</summary>
    public required string? Control { get; init; }

    /// <summary>The front's resident memory in bytes; 0 if that is not known.</summary>
    public required long Rss { get; init; }

    /// <summary>The generation that serves; 0 until the first does.</summary>
    public required int Generation { get; init; }

    /// <summary>How many workers there are to be.</summary>
    public required int WorkersWanted { get; init; }

    /// <summary>The workers, those that start and that leave included.</summary>
    public required IReadOnlyList<WorkerStatus> Workers { get; init; }

    /// <summary>Requests that wait for a worker.</summary>
    public required int Waiting { get; init; }

    /// <summary>Open WebSockets.</summary>
    public required int WebSockets { get; init; }

    /// <summary>The applications, each by itself; what is said above is of all together.</summary>
    public IReadOnlyList<AppStatus> Apps { get; init; } = [];

    /// <summary>Held connections and what is published to them; null: there is no hub.</summary>
    public HubStatus? Hub { get; init; }

    /// <summary>The cache of answers; null: there is none.</summary>
    public CacheStatus? Cache { get; init; }

    /// <summary>The upstreams; null: there are none.</summary>
    public IReadOnlyList<UpstreamStatus>? Upstreams { get; init; }

    /// <summary>The values that workers share; null: there are none.</summary>
    public SharedCacheStatus? SharedCache { get; init; }

    /// <summary>What was counted since the start.</summary>
    public required ServerTotals Totals { get; init; }
}
