using System.Net;
using Darter.Server.Configuration;
using Darter.Server.Proxies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Routing;

/// <summary>What routes are chosen by, found out when the first of them asks for it.</summary>
internal sealed class RouteQuery
{
    private readonly IHttpRequestFeature _request;
    private readonly IHttpConnectionFeature? _connection;
    private readonly ProxyConfig _proxy;
    private string? _host;
    private string? _scheme;
    private IPAddress? _client;
    private bool _knowsClient;

    internal RouteQuery(IFeatureCollection features, IHttpRequestFeature request, string path, ProxyConfig proxy)
    {
        _request = request;
        _connection = features.Get<IHttpConnectionFeature>();
        _proxy = proxy;
        Path = path;

        // Extended CONNECT (RFC 8441) is what GET with Upgrade is in HTTP/1.1.
        Method = features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } ? HttpMethods.Get : request.Method;
    }

    /// <summary>The path, in its normal form.</summary>
    internal string Path { get; }

    /// <summary>The method.</summary>
    internal string Method { get; }

    /// <summary>The header fields.</summary>
    internal IHeaderDictionary Headers => _request.Headers;

    /// <summary>The host that the client asks for, in small letters, without port and without the dot that may end it.</summary>
    internal string Host => _host ??= HostOf(_request.Headers.Host.ToString());

    /// <summary>The client's address; behind a trusted proxy the one that it names; null: it has none.</summary>
    internal IPAddress? Client
    {
        get
        {
            if (!_knowsClient)
            {
                _knowsClient = true;
                _client = FindClient();
            }

            return _client;
        }
    }

    /// <summary><c>http</c> or <c>https</c>; behind a trusted proxy what it says.</summary>
    internal string Scheme => _scheme ??= IsTrusted && ForwardedScheme.Read(_request.Headers) is { } https ? https ? "https" : "http" : _request.Scheme;

    private bool IsTrusted => _proxy.ProxyHeaders && _proxy.Forwarders.Contains(_connection?.RemoteIpAddress);

    /// <summary>The name in a Host field.</summary>
    internal static string HostOf(string field)
    {
        ReadOnlySpan<char> host = field;
        int colon = host.LastIndexOf(':');
        if (colon >= 0 && host[(colon + 1)..].IndexOf(']') < 0)
        {
            host = host[..colon];
        }

        return (host is [.. var name, '.'] ? name : host).ToString().ToLowerInvariant();
    }

    private IPAddress? FindClient()
    {
        IPAddress? peer = _connection?.RemoteIpAddress;
        if (IsTrusted
            && _request.Headers["X-Forwarded-For"] is { Count: > 0 } values
            && TrustedAddresses.TryParseAddress(ForwardedFor.ClientOf(values, _proxy.Forwarders), out IPAddress? told))
        {
            return told;
        }

        return peer is { IsIPv4MappedToIPv6: true } ? peer.MapToIPv4() : peer;
    }
}
