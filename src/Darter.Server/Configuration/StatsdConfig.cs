namespace Darter.Server.Configuration;

/// <summary>Metrics sent to a StatsD server; names and defaults are Gunicorn's.</summary>
public sealed record StatsdConfig
{
    /// <summary>Where the server listens.</summary>
    public required StatsdAddress Address { get; init; }

    /// <summary>What stands before the name of each metric, with the dot behind it. Default: nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Tags of DogStatsD behind each metric, comma-separated. Default: none.</summary>
    public string Tags { get; init; } = "";

    /// <summary>Whether the length of the queue is sent. Default: false.</summary>
    public bool Backlog { get; init; }
}
