namespace Darter.Server.Configuration;

/// <summary>What is spoken at an address.</summary>
public enum ListenerProtocol
{
    /// <summary>HTTP/1.1 and HTTP/2; https as <see cref="BindAddress.IsTls"/> says.</summary>
    Http,

    /// <summary>The protocol of uWSGI (nginx: <c>uwsgi_pass</c>, Apache: mod_proxy_uwsgi).</summary>
    Uwsgi,

    /// <summary>FastCGI 1.0 (<c>fastcgi_pass</c>, mod_proxy_fcgi).</summary>
    FastCgi,

    /// <summary>SCGI 1 (<c>scgi_pass</c>, mod_proxy_scgi).</summary>
    Scgi,
}
