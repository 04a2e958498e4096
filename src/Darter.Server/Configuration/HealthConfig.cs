namespace Darter.Server.Configuration;

/// <summary>How the server tells others how it is.</summary>
public sealed record HealthConfig
{
    /// <summary>The path that says whether the server lives; null: none.</summary>
    public string? LivePath { get; init; }

    /// <summary>The path that says whether it is ready for requests; null: none.</summary>
    public string? ReadyPath { get; init; }

    /// <summary>How long requests are served on after it has said that it is not ready any more, before it stops. Default 0.</summary>
    public TimeSpan DrainDelay { get; init; }
}
