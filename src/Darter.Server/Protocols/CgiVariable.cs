namespace Darter.Server.Protocols;

/// <summary>The variables that say what an HTTP request says (RFC 3875, section 4.1, and what web servers have added).</summary>
internal enum CgiVariable
{
    /// <summary>One that only the application knows what to do with.</summary>
    Other,

    /// <summary>REQUEST_METHOD.</summary>
    Method,

    /// <summary>REQUEST_URI: path and query as the client sent them.</summary>
    RequestUri,

    /// <summary>SCRIPT_NAME: where the application is mounted, decoded.</summary>
    ScriptName,

    /// <summary>PATH_INFO: what follows it, decoded.</summary>
    PathInfo,

    /// <summary>QUERY_STRING.</summary>
    QueryString,

    /// <summary>SERVER_PROTOCOL: the client's version of HTTP.</summary>
    Protocol,

    /// <summary>SERVER_NAME.</summary>
    ServerName,

    /// <summary>SERVER_PORT.</summary>
    ServerPort,

    /// <summary>REMOTE_ADDR: the client.</summary>
    RemoteAddress,

    /// <summary>REMOTE_PORT.</summary>
    RemotePort,

    /// <summary>CONTENT_TYPE.</summary>
    ContentType,

    /// <summary>CONTENT_LENGTH.</summary>
    ContentLength,

    /// <summary>HTTPS: "on" if the client's connection is encrypted.</summary>
    Https,

    /// <summary>REQUEST_SCHEME.</summary>
    Scheme,

    /// <summary>UWSGI_SCHEME, which uWSGI prefers to the two before.</summary>
    UwsgiScheme,
}
