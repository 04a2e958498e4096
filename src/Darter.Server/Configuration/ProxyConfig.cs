using Darter.Server.Proxies;

namespace Darter.Server.Configuration;

/// <summary>Which proxies are believed, and what. Names and defaults are Gunicorn's, but for the last.</summary>
public sealed record ProxyConfig
{
    /// <summary>Whose header fields about the client are believed. Default: the loopback addresses.</summary>
    public TrustedAddresses Forwarders { get; init; } = TrustedAddresses.Loopback;

    /// <summary>Fields that say that the client's connection is encrypted, with the value that says so.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> SecureSchemeHeaders { get; init; } =
    [
        new("X-FORWARDED-PROTOCOL", "ssl"),
        new("X-FORWARDED-PROTO", "https"),
        new("X-FORWARDED-SSL", "on"),
    ];

    /// <summary>Fields with an underscore in their name that a trusted proxy may send; "*": all.</summary>
    public IReadOnlyList<string> ForwarderHeaders { get; init; } = ["SCRIPT_NAME", "PATH_INFO"];

    /// <summary>Whether a connection may begin with a header of the PROXY protocol. Default: off.</summary>
    public ProxyProtocol Protocol { get; init; }

    /// <summary>Whose headers of the PROXY protocol are believed. Default: the loopback addresses.</summary>
    public TrustedAddresses ProtocolPeers { get; init; } = TrustedAddresses.Loopback;

    /// <summary>Whether header fields of proxies are believed at all. Default: true, as uvicorn.</summary>
    public bool ProxyHeaders { get; init; } = true;
}
