namespace Darter.Server.Hub.Redis;

/// <summary>What has become of an item.</summary>
/// <param name="Subscribers">How many subscribers of this node it reached.</param>
/// <param name="Shared">Whether the other nodes have it, too. If not, they get it when the connection is back.</param>
internal readonly record struct StreamOutcome(int Subscribers, bool Shared);
