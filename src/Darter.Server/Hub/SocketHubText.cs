namespace Darter.Server.Hub;

/// <summary>Why a WebSocket is not held or not subscribed, in words for the log.</summary>
internal static class SocketHubText
{
    internal static string Of(HubRefusal refusal) => refusal switch
    {
        HubRefusal.None => "",
        HubRefusal.Connections => "as many connections are held as --hub-max-connections allows",
        HubRefusal.ConnectionsOfAddress => "its address has as many held connections as --hub-max-connections-per-address allows",
        HubRefusal.Channels => "there are as many channels as --hub-max-channels allows",
        HubRefusal.ChannelsOfConnection => $"a connection has at most {HubLimits.ChannelsOfConnection} channels",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };
}
