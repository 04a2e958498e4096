namespace Darter.Workers;

/// <summary>A worker at a moment.</summary>
public sealed record WorkerStatus
{
    /// <summary>Its place in its generation, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Its process; 0 while that is being started.</summary>
    public required int Pid { get; init; }

    /// <summary>
    /// "starting" (loads the application), "loaded" (waits for the rest of its generation), "ready" (takes requests) or
    /// "leaving" (finishes what it has).
    /// </summary>
    public required string State { get; init; }

    /// <summary>Its generation.</summary>
    public required int Generation { get; init; }

    /// <summary>Seconds since its process was started.</summary>
    public required double Age { get; init; }

    /// <summary>Requests that it has ended.</summary>
    public required long Requests { get; init; }

    /// <summary>Requests and WebSockets that it has now, those sent ahead included.</summary>
    public required int Running { get; init; }

    /// <summary>How many of those are WebSockets and event streams.</summary>
    public required int Streams { get; init; }

    /// <summary>Its resident memory in bytes; 0 if that is not known.</summary>
    public long Rss { get; init; }
}
