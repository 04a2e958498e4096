namespace Darter.Server.Hub;

/// <summary>The answer to <c>GET /channels/NAME</c>.</summary>
/// <param name="Channel">Its name.</param>
/// <param name="Subscribers">Connections that are subscribed.</param>
/// <param name="History">Items kept.</param>
/// <param name="LastId">The id of the latest item that had one; null: none had.</param>
/// <param name="Present">Who is subscribed, at most a thousand of them.</param>
public sealed record ChannelReport(string Channel, int Subscribers, int History, string? LastId, IReadOnlyList<HubPresence> Present);
