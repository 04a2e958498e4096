namespace Darter.Server.Hub;

/// <summary>Why a connection is not held.</summary>
internal enum HubRefusal : byte
{
    /// <summary>It is.</summary>
    None,

    /// <summary>There are as many connections as <c>--hub-max-connections</c> allows.</summary>
    Connections,

    /// <summary>Its address has as many as <c>--hub-max-connections-per-address</c> allows.</summary>
    ConnectionsOfAddress,

    /// <summary>There are as many channels as <c>--hub-max-channels</c> allows.</summary>
    Channels,

    /// <summary>It would have more than <see cref="HubLimits.ChannelsOfConnection"/> channels.</summary>
    ChannelsOfConnection,
}
