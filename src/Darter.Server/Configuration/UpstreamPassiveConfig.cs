namespace Darter.Server.Configuration;

/// <summary>
/// A destination that cannot be reached, breaks off or is silent for too long gets no requests for a while. Names and defaults
/// are those of nginx's <c>server</c>.
/// </summary>
public sealed record UpstreamPassiveConfig
{
    /// <summary>After how many failures within <see cref="FailTimeout"/>. Default 1.</summary>
    public int MaxFails { get; init; } = 1;

    /// <summary>The time in which failures are counted, and for which the destination gets no requests then. Default 10 s.</summary>
    public TimeSpan FailTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
