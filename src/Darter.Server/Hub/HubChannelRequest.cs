namespace Darter.Server.Hub;

/// <summary>A channel that a connection is to get: GRIP's <c>Grip-Channel</c>.</summary>
/// <param name="Name">Its name, 1 to <see cref="HubLimits.ChannelName"/> characters.</param>
/// <param name="PrevId">The last item the client has, if the application says so: what came since is delivered first.</param>
/// <param name="Filters">What is left out.</param>
internal sealed record HubChannelRequest(string Name, string? PrevId = null, HubFilters Filters = HubFilters.None)
{
    /// <summary>Whether a channel may be called so: no control characters, and not too long.</summary>
    internal static bool IsName(string name) => name.Length is > 0 and <= HubLimits.ChannelName && !name.Any(char.IsControl);
}
