using System.Net;
using System.Net.Sockets;

namespace Darter.Server.Access;

/// <summary>What tells clients apart where something of each is counted.</summary>
internal static class ClientKey
{
    /// <summary>An address of IPv4; of IPv6 the network, of which a client has all addresses; empty: it has no address.</summary>
    internal static string Of(IPAddress? client)
    {
        if (client is null)
        {
            return "";
        }

        client = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        return client.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(client.GetAddressBytes().AsSpan(0, 8)) : client.ToString();
    }
}
