namespace Darter.Gateway.Runtime;

/// <summary>What a response header field is to the server.</summary>
internal enum ResponseFieldKind
{
    /// <summary>Passed on.</summary>
    Normal,

    /// <summary>Content-Length: travels in the response head, not as a field.</summary>
    ContentLength,

    /// <summary>Connection: only "close" is passed on, as a wish.</summary>
    Connection,

    /// <summary>Trailer: passed on where trailers will follow.</summary>
    Trailer,

    /// <summary>X-Sendfile or X-Accel-Redirect: passed on; Content-Length then is that of a file, and not of the application's body.</summary>
    File,

    /// <summary>Belongs to the connection, which is the front's: dropped.</summary>
    HopByHop,

    /// <summary>Not a token (RFC 9110, 5.6.2): an error of the application.</summary>
    Invalid,
}
