using System.Text;
using Darter.Server.Proxies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Applications;

/// <summary>The client's address as a trusted proxy tells it.</summary>
internal static class ForwardedClient
{
    /// <summary>The address; null: the proxy does not tell one that can be used.</summary>
    internal static byte[]? HostOf(IHeaderDictionary headers, TrustedAddresses forwarders)
    {
        StringValues values = headers["X-Forwarded-For"];
        if (values.Count == 0)
        {
            return null;
        }

        ReadOnlySpan<char> client = ForwardedFor.ClientOf(values, forwarders);
        if (client.Length is 0 or > byte.MaxValue)
        {
            return null;
        }

        byte[] host = new byte[client.Length];
        Encoding.Latin1.GetBytes(client, host);
        return host;
    }
}
