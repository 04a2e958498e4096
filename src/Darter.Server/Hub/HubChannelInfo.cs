namespace Darter.Server.Hub;

/// <summary>A channel at a moment.</summary>
/// <param name="Channel">Its name.</param>
/// <param name="Subscribers">Connections that are subscribed.</param>
/// <param name="History">Items kept.</param>
/// <param name="LastId">The id of the latest item that had one; null: none had.</param>
public sealed record HubChannelInfo(string Channel, int Subscribers, int History, string? LastId);
