using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Darter.Cli.Development;

/// <summary>
/// The certificate of <c>darter dev --tls</c>: of its own making, kept, so that a browser that was told to trust it need not be
/// told again.
/// </summary>
internal static class DevCertificate
{
    private const string FileName = "dev-certificate.pem";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int ValidDays = 365;
    private const int DaysLeft = 7;

    /// <summary>The file that has certificate and key; it is made if there is none that will do.</summary>
    /// <param name="hosts">Names that it must have beside those of this machine.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    internal static string Find(IReadOnlyList<string> hosts)
    {
        string path = Path.Combine(Folder(), FileName);
        if (!WillDo(path, hosts))
        {
            Write(path, Make(hosts));
        }

        return path;
    }

    private static string Folder()
    {
        string state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/state");
        return Path.Combine(state, "darter");
    }

    private static bool WillDo(string path, IReadOnlyList<string> hosts)
    {
        try
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(path);
            return certificate.NotAfter > DateTime.Now.AddDays(DaysLeft) && hosts.All(host => certificate.MatchesHostname(host));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // There is none, or it is of no use: another one is made.
            return false;
        }
    }

    private static string Make(IReadOnlyList<string> hosts)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost, O=darter dev", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        foreach (string name in (string[])["localhost", "*.localhost", .. hosts.Except(["localhost"])])
        {
            names.AddDnsName(name);
        }

        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(ValidDays));
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = $"{path}.{Environment.ProcessId}";
        using (FileStream file = new(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        using (StreamWriter writer = new(file))
        {
            writer.Write(text);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
