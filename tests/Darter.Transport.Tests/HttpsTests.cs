using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Darter.Transport.Tests;

/// <summary>TLS is Kestrel's; here it is one more reader and writer above the transport, with habits of its own.</summary>
public sealed class HttpsTests
{
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Https_RequestsOfManySizes_AreAnswered(string version)
    {
        using X509Certificate2 certificate = NewCertificate();
        CollectingLogger logger = new();
        using EventLoopGroup loops = new(1, logger);
        await using WebApplication server = await StartAsync(loops, logger, certificate);
        using SocketsHttpHandler handler = new();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == certificate.GetCertHashString();
        using HttpClient client = new(handler)
        {
            BaseAddress = new Uri(server.Urls.Single()),
            DefaultRequestVersion = Version.Parse(version),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        async Task RequestAsync(int size)
        {
            byte[] body = new byte[size];
            new Random(size).NextBytes(body);
            Checksum expected = new();
            expected.Add(body);
            using ByteArrayContent content = new(body);
            using HttpResponseMessage response = await client.PostAsync(new Uri("/", UriKind.Relative), content);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(expected.ToString(), await response.Content.ReadAsStringAsync());
            Assert.Equal(1_000_000, (await client.GetByteArrayAsync(new Uri("/", UriKind.Relative))).Length);
        }

        await Wait.For(Task.WhenAll(Enumerable.Range(0, 30).Select(i => RequestAsync(i * i * 1000))), "the requests");
        await server.StopAsync();
        Assert.Empty(logger.Entries);
    }

    /// <summary>The host of ASP.NET, which finds the transport among its services.</summary>
    private static async Task<WebApplication> StartAsync(EventLoopGroup loops, CollectingLogger logger, X509Certificate2 certificate)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(logger);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton<IConnectionListenerFactory>(new EpollTransportFactory(loops, new EpollTransportOptions(), logger));
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        WebApplication server = builder.Build();
        server.Run(async context =>
        {
            if (context.Request.Method == "POST")
            {
                await Applications.Checksum(context.Features);
            }
            else
            {
                await context.Response.BodyWriter.WriteAsync(new byte[1_000_000]);
            }
        });
        await server.StartAsync();
        return server;
    }

    private static X509Certificate2 NewCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
