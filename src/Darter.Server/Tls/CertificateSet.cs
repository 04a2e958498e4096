using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Darter.Server.Configuration;

namespace Darter.Server.Tls;

/// <summary>The certificates as they are in their files at one time, and how a handshake uses them.</summary>
internal sealed class CertificateSet
{
    private readonly TlsConfig _config;
    private readonly List<LoadedCertificate> _certificates;
    private readonly X509ChainPolicy? _clientPolicy;
    private readonly CipherSuitesPolicy? _suites;

    /// <exception cref="IOException">A file cannot be read, or is not what it should be; the message names it.</exception>
    internal CertificateSet(TlsConfig config)
    {
        _config = config;
        Stamp = StampOf(config);
        _certificates = [.. config.Certificates.Select(LoadedCertificate.Load)];
        if (config.ClientCertificates != ClientCertificates.None)
        {
            _clientPolicy = LoadAuthorities(config.ClientAuthorityFile!);
        }

#pragma warning disable CA1416 // The server runs on Linux.
        _suites = config.CipherSuites.Count == 0 ? null : new CipherSuitesPolicy(WithTls13(config.CipherSuites));
#pragma warning restore CA1416
    }

    /// <summary>When and how large the files were; another one means that they have changed.</summary>
    internal string Stamp { get; }

    /// <summary>When the first certificate ends.</summary>
    internal DateTime Expires => _certificates.Min(certificate => certificate.Expires);

    internal static string StampOf(TlsConfig config)
    {
        IEnumerable<string?> files = [.. config.Certificates.SelectMany(certificate => new[] { certificate.CertificateFile, certificate.KeyFile }), config.ClientAuthorityFile];
        return string.Join('|', files.OfType<string>().Select(file =>
        {
            // Through links: renewers of certificates switch those.
            FileInfo info = new(file);
            FileSystemInfo? target = info.Exists ? info.ResolveLinkTarget(returnFinalTarget: true) ?? info : null;
            return target is FileInfo { Exists: true } found ? $"{found.FullName} {found.LastWriteTimeUtc.Ticks} {found.Length}" : "";
        }));
    }

    /// <summary>What a handshake with a client that asks for this name has to do.</summary>
    internal SslServerAuthenticationOptions OptionsFor(string serverName)
    {
        LoadedCertificate certificate = _certificates.Find(candidate => candidate.Matches(serverName)) ?? _certificates[0];
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = certificate.Context,
            EnabledSslProtocols = _config.Oldest == SslProtocols.Tls13
                ? SslProtocols.Tls13
                : SslProtocols.Tls12 | SslProtocols.Tls13,
            CipherSuitesPolicy = _suites,
        };
        if (_clientPolicy is not null)
        {
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = _clientPolicy.Clone();
            options.RemoteCertificateValidationCallback = (_, presented, _, errors) =>
                presented is null ? _config.ClientCertificates == ClientCertificates.Optional : errors == SslPolicyErrors.None;
        }

        return options;
    }

    /// <summary>A list that names no suite of TLS 1.3 is one for TLS 1.2, as elsewhere, and leaves those of 1.3 as they are.</summary>
    private static IEnumerable<TlsCipherSuite> WithTls13(IReadOnlyList<TlsCipherSuite> suites) =>
        suites.Any(suite => (int)suite >> 8 == 0x13)
            ? suites
            : [.. suites, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_AES_128_GCM_SHA256];

    private static X509ChainPolicy LoadAuthorities(string file)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new IOException($"The authorities of client certificates in '{file}' (--ca-certs) cannot be read: {exception.Message}", exception);
        }

        return policy.CustomTrustStore.Count > 0 ? policy : throw new IOException($"There is no certificate in '{file}' (--ca-certs).");
    }
}
