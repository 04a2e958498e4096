using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Hub;

/// <summary>Who may publish: whoever has the key; without one, programs of this machine, but no pages in its browsers.</summary>
internal sealed class PublishAccess
{
    private const string Bearer = "Bearer ";

    private readonly WebToken? _token;
    private readonly bool _isOpen;

    /// <param name="isOpen">Whether the socket's file decides, and nothing else is asked.</param>
    /// <param name="token">The key, if there is one.</param>
    internal PublishAccess(bool isOpen, WebToken? token)
    {
        _isOpen = isOpen;
        _token = token;
    }

    /// <summary>Why a request is refused: a status and a text, or null.</summary>
    internal (int Status, string Error)? Objection(IFeatureCollection features)
    {
        IHttpConnectionFeature connection = features.GetRequiredFeature<IHttpConnectionFeature>();
        if (_isOpen || connection.RemoteIpAddress is not { } address)
        {
            return null;
        }

        IHeaderDictionary headers = features.GetRequiredFeature<IHttpRequestFeature>().Headers;
        if (_token is not null)
        {
            return headers.Authorization is [{ } value]
                && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
                && _token.Verify(value[Bearer.Length..].Trim())
                    ? null
                    : (StatusCodes.Status401Unauthorized, "an Authorization with a bearer token signed with the key of --hub-key is needed");
        }

        if (!IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address))
        {
            return (StatusCodes.Status403Forbidden, "without --hub-key only programs of this machine may publish");
        }

        // A browser sends the one with everything that a page posts elsewhere; the other is wrong when a name of the page's
        // own site was made to mean this machine.
        return headers.Origin.Count > 0 || !IsOfThisMachine(headers.Host.ToString())
            ? (StatusCodes.Status403Forbidden, "without --hub-key no page in a browser may publish, and the host must be this machine's loopback address")
            : null;
    }

    private static bool IsOfThisMachine(string host)
    {
        HostString parsed = new(host);
        return parsed.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(parsed.Host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
    }
}
