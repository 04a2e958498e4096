namespace Darter.Server.Configuration;

/// <summary>The version of HTTP in which destinations are spoken to.</summary>
public enum UpstreamHttpVersion
{
    /// <summary>HTTP/2 where it is agreed on with TLS (ALPN), and for gRPC, which is nothing else; else HTTP/1.1.</summary>
    Auto,

    /// <summary>HTTP/1.1.</summary>
    Http11,

    /// <summary>HTTP/2, without TLS by prior knowledge (RFC 9113, section 3.3).</summary>
    Http2,
}
