using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Darter.Server.Tls.Acme;

/// <summary>Certificates that nobody has signed but the server itself.</summary>
internal static class OwnCertificate
{
    // RFC 8737, section 3: id-pe-acmeIdentifier.
    private const string AcmeIdentifier = "1.3.6.1.5.5.7.1.31";
    private const int ValidDays = 30;

    /// <summary>One to begin with, until there is one that clients trust.</summary>
    internal static LoadedCertificate Make(string domain) => Make(domain, null);

    /// <summary>One that answers a challenge (RFC 8737, section 3).</summary>
    internal static LoadedCertificate MakeAnswer(string domain, string authorization)
    {
        byte[] digest = SHA256.HashData(Encoding.ASCII.GetBytes(authorization));

        // An OCTET STRING in DER.
        return Make(domain, new X509Extension(AcmeIdentifier, [0x04, (byte)digest.Length, .. digest], critical: true));
    }

    private static LoadedCertificate Make(string domain, X509Extension? extension)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=Darter self-signed", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(domain);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        if (extension is not null)
        {
            request.CertificateExtensions.Add(extension);
        }

        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(ValidDays));
        return LoadedCertificate.FromPem($"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
    }
}
