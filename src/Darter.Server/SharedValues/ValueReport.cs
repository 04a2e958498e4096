namespace Darter.Server.SharedValues;

/// <summary>A store of values at a moment, and what was counted since the start.</summary>
/// <param name="Size">Bytes it may take.</param>
/// <param name="Bytes">Bytes it takes.</param>
/// <param name="Values">How many values there are.</param>
/// <param name="Evicted">Values that had to go since there was no room.</param>
/// <param name="Expired">Values whose time was over and that were removed.</param>
/// <param name="Backend">Where they are, and how that is; null: in this process.</param>
internal sealed record ValueReport(long Size, long Bytes, long Values, long Evicted, long Expired, string? Backend = null);
