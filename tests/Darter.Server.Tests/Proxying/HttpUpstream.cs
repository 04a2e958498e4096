using System.Net;
using System.Security.Cryptography.X509Certificates;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Tests.Proxying;

/// <summary>A destination that speaks HTTP well: another server of the platform's.</summary>
internal sealed class HttpUpstream : IAsyncDisposable
{
    private readonly WebApplication _application;
    private int _requests;

    private HttpUpstream(WebApplication application) => _application = application;

    public int Requests => Volatile.Read(ref _requests);

    public int Port { get; private set; }

    public UpstreamDestination Destination => At($"http://127.0.0.1:{Port}");

    public static UpstreamDestination At(string address)
    {
        Assert.True(UpstreamDestination.TryParse(address, out UpstreamDestination? destination, out string? error), error);
        return destination;
    }

    /// <summary>Starts one on a port of its own.</summary>
    /// <param name="answer">What it does.</param>
    /// <param name="protocols">The versions of HTTP.</param>
    /// <param name="socket">The path of a Unix socket, in the place of a port.</param>
    /// <param name="certificate">The certificate, with TLS.</param>
    public static async Task<HttpUpstream> StartAsync(
        Func<HttpContext, Task> answer, HttpProtocols protocols = HttpProtocols.Http1, string? socket = null, X509Certificate2? certificate = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MinRequestBodyDataRate = null;
            if (socket is not null)
            {
                options.ListenUnixSocket(socket, listen => listen.Protocols = protocols);
            }
            else
            {
                options.Listen(IPAddress.Loopback, 0, listen =>
                {
                    listen.Protocols = protocols;
                    if (certificate is not null)
                    {
                        listen.UseHttps(certificate);
                    }
                });
            }
        });
        WebApplication application = builder.Build();
        HttpUpstream upstream = new(application);
        application.Run(context =>
        {
            Interlocked.Increment(ref upstream._requests);
            return answer(context);
        });
        await application.StartAsync();
        upstream.Port = socket is null ? new Uri(application.Urls.First()).Port : 0;
        return upstream;
    }

    /// <summary>One that answers with its name.</summary>
    public static Task<HttpUpstream> StartAsync(string name) => StartAsync(context => context.Response.WriteAsync(name));

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.Zero);
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }
}
