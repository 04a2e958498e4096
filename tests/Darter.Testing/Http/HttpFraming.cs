namespace Darter.Testing.Http;

/// <summary>How the end of a response's body was told (RFC 9112, 6.3).</summary>
public enum HttpFraming
{
    /// <summary>There is none: the answer to HEAD, 1xx, 204 or 304.</summary>
    None,

    /// <summary>By Content-Length.</summary>
    Length,

    /// <summary>By the chunked transfer coding.</summary>
    Chunked,

    /// <summary>By the end of the connection.</summary>
    Close,
}
