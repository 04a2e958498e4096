namespace Darter.Server.Tls.Acme;

/// <summary>A name, and the certificate that is presented for it.</summary>
internal sealed class ManagedName
{
    private LoadedCertificate _certificate;

    internal ManagedName(string domain)
    {
        Domain = domain;
        _certificate = OwnCertificate.Make(domain);
    }

    /// <summary>The name.</summary>
    internal string Domain { get; }

    /// <summary>What of the folder is presented, see <see cref="AcmeState.StampOf"/>; null: nothing is, but a certificate of the server's own making.</summary>
    internal string? Stamp { get; private set; }

    /// <summary>What could not be used, and has been reported.</summary>
    internal string? Refused { get; set; }

    /// <summary>What has failed, in case that the folder could not be told; null: nothing.</summary>
    internal AcmeFailure? Failure { get; set; }

    /// <summary>What is presented; for any thread.</summary>
    internal LoadedCertificate Certificate => Volatile.Read(ref _certificate);

    /// <summary>From when on another certificate is wanted: when a third of the time is left, as authorities recommend.</summary>
    internal DateTimeOffset RenewalTime
    {
        get
        {
            if (Stamp is null)
            {
                return DateTimeOffset.MinValue;
            }

            DateTimeOffset expires = Certificate.Expires.ToUniversalTime();
            return expires - ((expires - Certificate.Begins.ToUniversalTime()) / 3);
        }
    }

    /// <summary>Presents another certificate from now on.</summary>
    internal void Present(string stamp, LoadedCertificate certificate)
    {
        Stamp = stamp;
        Refused = null;
        Volatile.Write(ref _certificate, certificate);
    }
}
