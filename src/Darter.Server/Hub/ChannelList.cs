namespace Darter.Server.Hub;

/// <summary>The answer to <c>GET /channels/</c>.</summary>
/// <param name="Channels">The channels, by name.</param>
/// <param name="Connections">Held connections in all.</param>
/// <param name="IsComplete">Whether there are no more than those.</param>
public sealed record ChannelList(IReadOnlyList<HubChannelInfo> Channels, int Connections, bool IsComplete);
