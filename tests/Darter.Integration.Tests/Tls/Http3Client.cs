using System.Net.Quic;
using System.Net.Security;

namespace Darter.Integration.Tests.Tls;

/// <summary>.NET's client, which speaks HTTP/3 where there is msquic.</summary>
internal static class Http3Client
{
    /// <summary>Skips the test where it does not.</summary>
    internal static void Require() => Assert.SkipUnless(QuicConnection.IsSupported, "There is no libmsquic, so nothing here speaks HTTP/3 (Debian has none; Microsoft's package repository does).");

    /// <summary>A client of this version alone that trusts the tests' authority.</summary>
    internal static HttpClient Create(DarterServer server, string version, out SslClientAuthenticationOptions options)
    {
        SocketsHttpHandler handler = new() { SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.Issuer == "CN=authority" } };
        options = handler.SslOptions;
        return new HttpClient(handler)
        {
            BaseAddress = new Uri($"https://127.0.0.1:{server.Address.Port}"),
            DefaultRequestVersion = Version.Parse(version),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Wait.Patience,
        };
    }
}
