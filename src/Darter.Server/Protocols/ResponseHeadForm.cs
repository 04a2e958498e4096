namespace Darter.Server.Protocols;

/// <summary>How a gateway protocol wants the status of a response.</summary>
internal enum ResponseHeadForm
{
    /// <summary>As the status line of HTTP: <c>HTTP/1.1 200 OK</c> (uwsgi).</summary>
    StatusLine,

    /// <summary>As a field of CGI: <c>Status: 200 OK</c> (RFC 3875, section 6.3.3).</summary>
    StatusField,
}
