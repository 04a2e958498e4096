namespace Darter.Server.Control;

/// <summary>An upstream of a running server.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Destinations">Its destinations.</param>
public sealed record UpstreamStatus(string Name, IReadOnlyList<DestinationStatus> Destinations);
