namespace Darter.Server.Control;

/// <summary>What a purge has done.</summary>
/// <param name="Purged">Answers that were removed; null: nothing, see <paramref name="Error"/>.</param>
/// <param name="Error">Why nothing was purged, for people; null: it was.</param>
public sealed record PurgeOutcome(int? Purged, string? Error = null);
