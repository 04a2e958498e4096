using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Darter.Server.Configuration;

namespace Darter.Server.Tls.Acme;

/// <summary>The way to an authority, which has to show a certificate of its own.</summary>
internal static class AcmeTransport
{
    /// <summary>The roots of a file; null: those of the system.</summary>
    /// <exception cref="IOException">It cannot be read, or has none; the message names it.</exception>
    internal static X509Certificate2Collection? LoadRoots(AcmeConfig config)
    {
        if (config.DirectoryAuthorityFile is not { } file)
        {
            return null;
        }

        X509Certificate2Collection roots = [];
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new IOException($"The roots in '{file}' (--acme-ca-certs) cannot be read: {exception.Message}", exception);
        }

        return roots.Count > 0 ? roots : throw new IOException($"There is no certificate in '{file}' (--acme-ca-certs).");
    }

    /// <summary>What sends requests.</summary>
    internal static HttpMessageHandler Create(X509Certificate2Collection? roots)
    {
        SocketsHttpHandler handler = new();
        if (roots is not null)
        {
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(roots);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return handler;
    }
}
