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
    private readonly uint _ecdsaSuites;

    /// <exception cref="IOException">A file cannot be read, or is not what it should be; the message names it.</exception>
    internal CertificateSet(TlsConfig config)
    {
        _config = config;
        Stamp = StampOf(config);
        _certificates = [.. config.Certificates.Select(LoadedCertificate.Load)];
        IsMixed = _certificates.Select(certificate => certificate.Key).Distinct().Count() > 1;
        _ecdsaSuites = config.CipherSuites.Count == 0 ? ClientHello.SystemEcdsaSuites : ClientHello.EcdsaSuitesOf(config.CipherSuites);
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

    /// <summary>When the first certificate ends; null: there is none.</summary>
    internal DateTime? Expires => _certificates.Count == 0 ? null : _certificates.Min(certificate => certificate.Expires);

    /// <summary>Whether it takes the ClientHello to choose: there are keys of several kinds.</summary>
    internal bool IsMixed { get; }

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

    /// <summary>The certificate for a name; null: there is none for it.</summary>
    /// <param name="serverName">The name that the client asks for; empty: it says none.</param>
    /// <param name="hello">What else it says; null: that is not known.</param>
    internal LoadedCertificate? Find(string serverName, ClientHello? hello) =>
        IsMixed ? Choose(_certificates.Where(candidate => candidate.Matches(serverName)), hello) : _certificates.Find(candidate => candidate.Matches(serverName));

    /// <summary>The certificate for names that none is for: the first one, or one for the same names that suits the client better.</summary>
    internal LoadedCertificate? FindDefault(ClientHello? hello) =>
        IsMixed ? Choose(_certificates.Where(candidate => candidate.HasNamesOf(_certificates[0])), hello) : _certificates.FirstOrDefault();

    /// <summary>What a handshake that presents this certificate has to do.</summary>
    internal SslServerAuthenticationOptions OptionsFor(LoadedCertificate certificate)
    {
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

    /// <summary>ECDSA where the client can: its signatures cost the server a tenth. Else RSA, which all can, else the first.</summary>
    private LoadedCertificate? Choose(IEnumerable<LoadedCertificate> candidates, ClientHello? hello)
    {
        LoadedCertificate? first = null;
        LoadedCertificate? rsa = null;
        foreach (LoadedCertificate candidate in candidates)
        {
            first ??= candidate;
            if (candidate.Key == CertificateKey.Rsa)
            {
                rsa ??= candidate;
            }
            else if (hello?.Accepts(candidate.Key, _ecdsaSuites) == true)
            {
                return candidate;
            }
        }

        return rsa ?? first;
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
