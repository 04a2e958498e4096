namespace Darter.Server.Control;

/// <summary>The values that workers share, and what was counted since the start.</summary>
/// <param name="Size">Bytes that they may take in the front.</param>
/// <param name="Bytes">Bytes that they take in the front.</param>
/// <param name="Values">Values in the front.</param>
/// <param name="Gets">Keys that were asked for.</param>
/// <param name="Hits">Keys that were asked for and had a value.</param>
/// <param name="Sets">Values that were to be kept.</param>
/// <param name="Evicted">Values that had to go since there was no room.</param>
/// <param name="Expired">Values that were removed since their time was over.</param>
/// <param name="TooLarge">Values that were too large.</param>
/// <param name="Connections">Open connections.</param>
/// <param name="Addresses">Where it is asked: the workers' socket, and the address of --shared-cache-bind.</param>
/// <param name="Backend">The server where the values are, and how the connection is; null: they are in the front.</param>
public sealed record SharedCacheStatus(
    long Size,
    long Bytes,
    long Values,
    long Gets,
    long Hits,
    long Sets,
    long Evicted,
    long Expired,
    long TooLarge,
    int Connections,
    IReadOnlyList<string> Addresses,
    string? Backend);
