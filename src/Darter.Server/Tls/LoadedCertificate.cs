using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Darter.Server.Configuration;

namespace Darter.Server.Tls;

/// <summary>A certificate with its key and those that lead to a root, as read from its files.</summary>
internal sealed class LoadedCertificate
{
    private readonly string[] _names;

    private LoadedCertificate(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        Begins = certificate.NotBefore;
        Expires = certificate.NotAfter;
        Key = KeyOf(certificate);

        // Made once: sessions are resumed only among connections that share it.
        Context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        _names = NamesOf(certificate);
    }

    /// <summary>What a handshake presents.</summary>
    internal SslStreamCertificateContext Context { get; }

    /// <summary>From when it is valid.</summary>
    internal DateTime Begins { get; }

    /// <summary>When it ends.</summary>
    internal DateTime Expires { get; }

    /// <summary>The kind of its key.</summary>
    internal CertificateKey Key { get; }

    /// <exception cref="IOException">A file cannot be read, or is not what it should be; the message names it.</exception>
    internal static LoadedCertificate Load(CertificateConfig config)
    {
        string keyFile = config.KeyFile ?? config.CertificateFile;
        try
        {
            string certificate = File.ReadAllText(config.CertificateFile);
            string key = keyFile == config.CertificateFile ? certificate : File.ReadAllText(keyFile);
            X509Certificate2Collection chain = [];
            chain.ImportFromPem(certificate);
            return new LoadedCertificate(
                config.Password is { } password
                    ? X509Certificate2.CreateFromEncryptedPem(certificate, key, password)
                    : X509Certificate2.CreateFromPem(certificate, key),
                chain);
        }
        catch (CryptographicException exception)
        {
            throw new IOException($"The certificate '{config.CertificateFile}' with the key in '{keyFile}' cannot be used: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The certificate cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>A certificate, those that lead to a root behind it, and its key.</summary>
    /// <exception cref="CryptographicException">The text is not that.</exception>
    internal static LoadedCertificate FromPem(string pem)
    {
        X509Certificate2Collection chain = [];
        chain.ImportFromPem(pem);
        return new LoadedCertificate(X509Certificate2.CreateFromPem(pem, pem), chain);
    }

    /// <summary>Whether the certificate is for the names of another one, and for no others.</summary>
    internal bool HasNamesOf(LoadedCertificate other) => _names.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(other._names);

    /// <summary>Whether the certificate is for this name (RFC 9525, section 6.3: a wildcard stands for one label).</summary>
    internal bool Matches(string name)
    {
        foreach (string own in _names)
        {
            if (own.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }

            if (own.StartsWith("*.", StringComparison.Ordinal) && name.IndexOf('.', StringComparison.Ordinal) is var dot and > 0
                && name.AsSpan(dot).Equals(own.AsSpan(1), StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static CertificateKey KeyOf(X509Certificate2 certificate)
    {
        using RSA? rsa = certificate.GetRSAPublicKey();
        if (rsa is not null)
        {
            return CertificateKey.Rsa;
        }

        using ECDsa? ecdsa = certificate.GetECDsaPublicKey();
        return ecdsa?.ExportParameters(includePrivateParameters: false).Curve.Oid.Value switch
        {
            "1.2.840.10045.3.1.7" => CertificateKey.EcdsaP256,
            "1.3.132.0.34" => CertificateKey.EcdsaP384,
            "1.3.132.0.35" => CertificateKey.EcdsaP521,
            _ => CertificateKey.Other,
        };
    }

    private static string[] NamesOf(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return names is null ? [certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false)] : [.. names.EnumerateDnsNames()];
    }
}
