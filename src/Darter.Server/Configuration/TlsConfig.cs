using System.Net.Security;
using System.Security.Authentication;

namespace Darter.Server.Configuration;

/// <summary>How a server speaks https.</summary>
public sealed record TlsConfig
{
    /// <summary>
    /// The certificates from files, at least one unless there is <see cref="Acme"/>. The client's server name (SNI) chooses; the
    /// first one is for all other names.
    /// </summary>
    public required IReadOnlyList<CertificateConfig> Certificates { get; init; }

    /// <summary>Certificates that the server obtains itself, for the names that no file has; null: none. Default: none.</summary>
    public AcmeConfig? Acme { get; init; }

    /// <summary>The oldest version: TLS 1.2 or 1.3. Default: 1.2.</summary>
    public SslProtocols Oldest { get; init; } = SslProtocols.Tls12;

    /// <summary>The cipher suites, the preferred ones first; empty: those of the system. Default: empty.</summary>
    public IReadOnlyList<TlsCipherSuite> CipherSuites { get; init; } = [];

    /// <summary>Whether clients are asked for a certificate. Default: no.</summary>
    public ClientCertificates ClientCertificates { get; init; }

    /// <summary>The PEM file with the authorities whose client certificates are accepted; null only if clients are not asked.</summary>
    public string? ClientAuthorityFile { get; init; }

    /// <summary>Lists are compared by what is in them.</summary>
    public bool Equals(TlsConfig? other) =>
        other is not null && Certificates.SequenceEqual(other.Certificates) && Acme == other.Acme && Oldest == other.Oldest && CipherSuites.SequenceEqual(other.CipherSuites)
        && ClientCertificates == other.ClientCertificates && ClientAuthorityFile == other.ClientAuthorityFile;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Certificates.Count, Acme, Oldest, ClientCertificates, ClientAuthorityFile);
}
