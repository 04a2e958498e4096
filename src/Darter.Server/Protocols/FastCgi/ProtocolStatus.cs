namespace Darter.Server.Protocols.FastCgi;

/// <summary>How a request ended, as far as the protocol is concerned (FastCGI 1.0, section 5.5).</summary>
internal enum ProtocolStatus : byte
{
    /// <summary>FCGI_REQUEST_COMPLETE.</summary>
    RequestComplete = 0,

    /// <summary>FCGI_CANT_MPX_CONN.</summary>
    CannotMultiplex = 1,

    /// <summary>FCGI_OVERLOADED.</summary>
    Overloaded = 2,

    /// <summary>FCGI_UNKNOWN_ROLE.</summary>
    UnknownRole = 3,
}
