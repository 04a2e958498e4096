namespace Darter.Server.Configuration;

/// <summary>
/// What to do with request header fields whose name contains an underscore: as a CGI variable <c>X_Real_Ip</c> cannot be
/// told from <c>X-Real-Ip</c>, which lets a client pretend to be a proxy. Gunicorn's <c>header_map</c>.
/// </summary>
public enum HeaderMap
{
    /// <summary>Leave the field out.</summary>
    Drop,

    /// <summary>Answer 400.</summary>
    Refuse,

    /// <summary>Pass it on; only behind a proxy that removes such fields.</summary>
    Dangerous,
}
