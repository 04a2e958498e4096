namespace Darter.Server.Configuration;

/// <summary>Whether clients show certificates; the numbers are those of Python's <c>ssl.CERT_…</c>.</summary>
public enum ClientCertificates
{
    /// <summary>They are not asked.</summary>
    None = 0,

    /// <summary>They are asked; one that is not accepted ends the handshake, none at all does not.</summary>
    Optional = 1,

    /// <summary>Without one that is accepted there is no connection.</summary>
    Required = 2,
}
