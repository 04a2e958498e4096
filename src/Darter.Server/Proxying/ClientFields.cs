using System.Net;
using Darter.Server.Configuration;
using Darter.Server.Proxies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Proxying;

/// <summary>
/// The fields that tell a destination of the client: those of nginx's users, X-Forwarded-For, -Proto, -Host and X-Real-IP, and
/// Forwarded (RFC 7239) where a trusted proxy has begun it. What a peer that is not trusted says of itself is replaced.
/// </summary>
internal sealed class ClientFields
{
    private const string ForwardedForName = "X-Forwarded-For";
    private const string ForwardedProtoName = "X-Forwarded-Proto";
    private const string ForwardedHostName = "X-Forwarded-Host";
    private const string ForwardedPortName = "X-Forwarded-Port";
    private const string RealAddressName = "X-Real-IP";
    private const string ForwardedName = "Forwarded";

    private readonly ProxyConfig _config;
    private readonly HeaderMap _headerMap;
    private readonly ProxyFields _names;
    private readonly string[] _foreign;

    internal ClientFields(ServerConfig config)
    {
        _config = config.Proxy;
        _headerMap = config.HeaderMap;
        _names = new ProxyFields(config.Proxy, requestId: null);
        _foreign = [ForwardedPortName, ForwardedName, .. _config.SecureSchemeHeaders.Select(field => field.Key)];
    }

    /// <summary>Whether the request's scheme can be told: fields of a trusted proxy may contradict each other.</summary>
    internal bool TryReadScheme(HttpContext context, out bool? https)
    {
        https = null;
        return !IsTrusted(context) || ForwardedScheme.TryRead(context.Request.Headers, _config.SecureSchemeHeaders, out https);
    }

    /// <summary>Puts them into a request that has the client's fields already.</summary>
    internal void Write(HttpContext context, HttpRequestMessage request, bool? https)
    {
        IHeaderDictionary given = context.Request.Headers;
        IPAddress? peer = context.Connection.RemoteIpAddress;
        bool isTrusted = IsTrusted(context);
        string? peerText = TextOf(peer);
        DropUnderscores(given, request, isTrusted);
        if (!isTrusted)
        {
            foreach (string name in _foreign)
            {
                if (given.ContainsKey(name))
                {
                    request.Headers.Remove(name);
                }
            }
        }

        StringValues chain = isTrusted ? given[ForwardedForName] : StringValues.Empty;
        Set(request, given, ForwardedForName, chain.Count == 0 ? peerText : peerText is null ? chain.ToString() : $"{string.Join(", ", chain.ToArray())}, {peerText}");
        Set(request, given, RealAddressName, chain.Count > 0 && ForwardedFor.ClientOf(chain, _config.Forwarders) is { Length: > 0 } client ? client.ToString() : peerText);
        Set(request, given, ForwardedProtoName, https is { } known ? known ? "https" : "http" : context.Request.Scheme);
        if (!isTrusted || !given.ContainsKey(ForwardedHostName))
        {
            Set(request, given, ForwardedHostName, context.Request.Host.Value is { Length: > 0 } host ? host : null);
        }

        if (isTrusted && peer is not null && given.TryGetValue(ForwardedName, out StringValues forwarded))
        {
            string element = peerText!.Contains(':') ? $"for=\"[{peerText}]\"" : $"for={peerText}";
            Set(request, given, ForwardedName, $"{string.Join(", ", forwarded.ToArray())}, {element}");
        }
    }

    private bool IsTrusted(HttpContext context) => _config.ProxyHeaders && _config.Forwarders.Contains(context.Connection.RemoteIpAddress);

    /// <summary>As for applications: CGI's variables do not tell X_Y and X-Y apart, by which a client could pass for a proxy.</summary>
    private void DropUnderscores(IHeaderDictionary given, HttpRequestMessage request, bool isTrusted)
    {
        if (_headerMap == HeaderMap.Dangerous)
        {
            return;
        }

        foreach (KeyValuePair<string, StringValues> field in given)
        {
            if (field.Key.Contains('_') && !(isTrusted && _names.AllowsUnderscore(field.Key)))
            {
                request.Headers.Remove(field.Key);
            }
        }
    }

    private static void Set(HttpRequestMessage request, IHeaderDictionary given, string name, string? value)
    {
        if (given.ContainsKey(name))
        {
            request.Headers.Remove(name);
        }

        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static string? TextOf(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4().ToString() : address?.ToString();
}
