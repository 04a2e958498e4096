namespace Darter.Server.Configuration;

/// <summary>How an authority is shown that a name leads to this server.</summary>
public enum AcmeChallengeKind
{
    /// <summary>Whichever the authority offers and the server can answer: TLS-ALPN-01 first, since it needs no other port; then the other one.</summary>
    Auto,

    /// <summary>An answer over http at port 80 (RFC 8555, section 8.3).</summary>
    Http01,

    /// <summary>A certificate made for the purpose, at port 443 (RFC 8737).</summary>
    TlsAlpn01,
}
