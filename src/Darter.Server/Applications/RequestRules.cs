using System.Buffers;
using Darter.Server.Configuration;
using Darter.Server.Proxies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Applications;

/// <summary>
/// What RFC 9110 and 9112 require of a request and the server's parser lets pass, and the limits of our own. A request that
/// two programs in a chain would read differently must not reach the second.
/// </summary>
internal sealed class RequestRules(ServerConfig config)
{
    // RFC 9110, section 5.6.2.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // Nothing but visible ASCII belongs into a target; the parser takes what stands behind a first space for a part of it.
    private static readonly SearchValues<char> TargetCharacters =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(value => (char)value)]);

    /// <summary>Returns the status that the request is refused with, or 0.</summary>
    /// <param name="request">The request.</param>
    /// <param name="asksForWebSocket">Whether it may ask for a tunnel.</param>
    /// <param name="proxy">The fields that its sender may have about its clients, or null.</param>
    /// <param name="hasProxyFields">Whether it has some of them.</param>
    internal int Check(IHttpRequestFeature request, bool asksForWebSocket, ProxyFields? proxy, out bool hasProxyFields)
    {
        hasProxyFields = false;
        IHeaderDictionary headers = request.Headers;
        if (request.Method.Length > byte.MaxValue || (request.Method == "CONNECT" && !asksForWebSocket))
        {
            // Darter is no proxy, and an application has no use for a tunnel other than a WebSocket (RFC 8441).
            return StatusCodes.Status501NotImplemented;
        }

        if (request.RawTarget.AsSpan().ContainsAnyExcept(TargetCharacters))
        {
            return StatusCodes.Status400BadRequest;
        }

        if (headers.ContentLength > config.LimitRequestBody)
        {
            return StatusCodes.Status413PayloadTooLarge;
        }

        if (request.Protocol is "HTTP/2" or "HTTP/3" && HasConnectionFields(headers))
        {
            return StatusCodes.Status400BadRequest;
        }

        StringValues coding = headers.TransferEncoding;
        return coding.Count > 0 && CheckCoding(coding, request) is var status and not 0 ? status : CheckFields(headers, proxy, out hasProxyFields);
    }

    /// <summary>RFC 9113, section 8.2.2, and RFC 9114, section 4.2: fields of the connection make a request malformed; the parser leaves some of them in.</summary>
    private static bool HasConnectionFields(IHeaderDictionary headers) =>
        headers.Connection.Count + headers.TransferEncoding.Count + headers.Upgrade.Count + headers.KeepAlive.Count > 0
        || headers.ContainsKey("Proxy-Connection");

    private static int CheckCoding(StringValues coding, IHttpRequestFeature request)
    {
        if (request.Protocol == "HTTP/1.0" || request.Headers.ContainsKey("X-Content-Length"))
        {
            // RFC 9112, section 6.1: HTTP/1.0 knows no coding, its framing is faulty. Section 6.3: with Content-Length, which
            // the parser moves to X-Content-Length, it may be an attempt at request smuggling.
            return StatusCodes.Status400BadRequest;
        }

        // Section 6.1: chunked once, at the end; we know no other coding.
        return coding.Count == 1 && string.Equals(coding[0], "chunked", StringComparison.OrdinalIgnoreCase)
            ? 0
            : StatusCodes.Status501NotImplemented;
    }

    private int CheckFields(IHeaderDictionary headers, ProxyFields? proxy, out bool hasProxyFields)
    {
        hasProxyFields = false;
        foreach (KeyValuePair<string, StringValues> field in headers)
        {
            int longest = field.Value.Count == 1 ? field.Value[0]!.Length : field.Value.Max(value => value?.Length ?? 0);
            if (field.Key.Length + longest > config.LimitRequestFieldSize)
            {
                return StatusCodes.Status431RequestHeaderFieldsTooLarge;
            }

            if (field.Key.AsSpan().ContainsAnyExcept(TokenCharacters)
                || (config.HeaderMap == HeaderMap.Refuse && field.Key.Contains('_', StringComparison.Ordinal) && proxy?.AllowsUnderscore(field.Key) != true))
            {
                return StatusCodes.Status400BadRequest;
            }

            if (proxy is not null)
            {
                hasProxyFields |= proxy.Contains(field.Key);
            }
        }

        return 0;
    }
}
