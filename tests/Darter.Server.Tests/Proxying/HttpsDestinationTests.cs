using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Darter.Server.Tests.Proxying;

/// <summary>Destinations that speak TLS.</summary>
public class HttpsDestinationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    public async Task Certificate_OfNobodyKnown_Is502(bool? passHost)
    {
        using X509Certificate2 certificate = Certificate();
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(static _ => Task.CompletedTask, certificate: certificate);
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(new UpstreamConfig { Destinations = [Secure(upstream)], PassHost = passHost });
        using HttpResponseMessage response = await proxy.Http.GetAsync("/", Cancellation);
        Assert.Equal((HttpStatusCode.BadGateway, 0), (response.StatusCode, upstream.Requests));
        await proxy.LoggedAsync("certificate");
    }

    [Theory]
    [InlineData(null, UpstreamHttpVersion.Auto, "HTTP/2", false)]
    [InlineData(null, UpstreamHttpVersion.Http11, "HTTP/1.1", false)]
    [InlineData(true, UpstreamHttpVersion.Auto, "HTTP/2", true)]
    [InlineData(true, UpstreamHttpVersion.Http11, "HTTP/1.1", true)]
    [InlineData(true, UpstreamHttpVersion.Http2, "HTTP/2", true)]
    public async Task Destination_WithTls_IsAskedInTheVersionAgreedOn(bool? passHost, UpstreamHttpVersion version, string protocol, bool seesClientsHost)
    {
        using X509Certificate2 certificate = Certificate();
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Host}"),
            HttpProtocols.Http1AndHttp2,
            certificate: certificate);
        UpstreamDestination destination = HttpUpstream.At($"https://localhost:{upstream.Port}");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(
            new UpstreamConfig { Destinations = [destination], VerifyCertificates = false, PassHost = passHost, HttpVersion = version });
        using HttpRequestMessage request = new(HttpMethod.Get, "/");
        request.Headers.Host = "shop.example";
        using HttpResponseMessage response = await proxy.Http.SendAsync(request, Cancellation);
        Assert.Equal(
            $"{protocol} {(seesClientsHost ? "shop.example" : $"localhost:{upstream.Port}")}", await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static UpstreamDestination Secure(HttpUpstream upstream) => HttpUpstream.At($"https://127.0.0.1:{upstream.Port}");

    private static X509Certificate2 Certificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
