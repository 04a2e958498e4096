using System.Net;
using System.Text;

namespace Darter.Server.Applications;

/// <summary>Addresses as applications and logs have them.</summary>
internal static class AddressText
{
    /// <summary>An address in ASCII, one of IPv4 in its own form however it came; empty: none.</summary>
    internal static byte[] Of(IPAddress? address) => address is null
        ? []
        : Encoding.ASCII.GetBytes((address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString());
}
