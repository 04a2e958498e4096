namespace Darter.Testing.Http;

/// <summary>A version of HTTP that a test speaks.</summary>
public enum HttpProtocol
{
    /// <summary>HTTP/1.1.</summary>
    Http1,

    /// <summary>HTTP/2 with prior knowledge.</summary>
    Http2,
}
