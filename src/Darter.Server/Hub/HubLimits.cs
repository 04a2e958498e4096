namespace Darter.Server.Hub;

/// <summary>Bounds that are the same everywhere; those that are set are in <see cref="Configuration.HubConfig"/>.</summary>
internal static class HubLimits
{
    /// <summary>Longest channel name, in characters.</summary>
    internal const int ChannelName = 256;

    /// <summary>Longest id of an item, in characters.</summary>
    internal const int ItemId = 256;

    /// <summary>Most channels that one connection may subscribe to.</summary>
    internal const int ChannelsOfConnection = 256;
}
