using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Darter.Server.Tls;

/// <summary>
/// HTTP/3 (RFC 9114): a server of its own beside the one for TCP, on the platform's QUIC, which is msquic. What is known of a
/// connection of it (certificate, addresses) is found as with the others; it belongs to no event loop.
/// </summary>
internal sealed class Http3Server : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly IServer _server;
    private readonly KestrelServerOptions _options;
    private readonly TlsServer _tls;
    private readonly ResponseFields _fields;

    /// <param name="options">The settings of the HTTP server; the addresses are missing.</param>
    /// <param name="tls">Chooses certificates.</param>
    /// <param name="loggers">The operator's log.</param>
    internal Http3Server(KestrelServerOptions options, TlsServer tls, ILoggerFactory loggers)
    {
        _options = options;
        _tls = tls;
        _fields = new ResponseFields(loggers.CreateLogger<Http3Server>());
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new Http3Logs(loggers));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().UseQuic();
        builder.Services.AddSingleton(Options.Create(options));
        _host = builder.Build();
        options.ApplicationServices = _host.Services;
        _server = _host.Services.GetRequiredService<IServer>();
    }

    /// <summary>Opens the addresses and serves them.</summary>
    /// <param name="endPoints">The addresses.</param>
    /// <param name="application">Answers the requests.</param>
    /// <param name="watch">Sees the connections.</param>
    /// <exception cref="IOException">An address cannot be listened at.</exception>
    internal async Task StartAsync<TContext>(
        IEnumerable<IPEndPoint> endPoints, IHttpApplication<TContext> application, Func<MultiplexedConnectionDelegate, MultiplexedConnectionDelegate> watch)
        where TContext : notnull
    {
        Http3Application<TContext> wrapped = new(application, _fields);
        foreach (IPEndPoint endPoint in endPoints)
        {
            _options.Listen(endPoint, listener =>
            {
                listener.Protocols = HttpProtocols.Http3;
                listener.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = context => ValueTask.FromResult(Choose(context)) });
                IMultiplexedConnectionBuilder connections = listener;
                connections.Use(watch);
                connections.Use(wrapped.Watch);
                connections.Use(static next => connection =>
                {
                    connection.Features.Set<IMemoryPoolFeature>(RoomyMemory.Instance);
                    return next(new DecoupledConnection(connection));
                });
            });
        }

        try
        {
            await _server.StartAsync(wrapped, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is QuicException or AuthenticationException or InvalidOperationException)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>No new connections; those there are end when their requests are answered, or when it is cancelled.</summary>
    internal Task StopAsync(CancellationToken cancellation) => _server.StopAsync(cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _server.Dispose();
        await _host.DisposeAsync().ConfigureAwait(false);
    }

    private SslServerAuthenticationOptions Choose(TlsHandshakeCallbackContext context)
    {
        SslServerAuthenticationOptions options = _tls.Choose(context);

        // RFC 9001, section 4.2: QUIC is TLS 1.3.
        options.EnabledSslProtocols = SslProtocols.Tls13;
        options.ApplicationProtocols = [SslApplicationProtocol.Http3];
        if (options.RemoteCertificateValidationCallback is { } validate)
        {
            // The platform compares the client's certificate with a host name, of which a client has none.
            options.RemoteCertificateValidationCallback = (sender, presented, chain, errors) =>
                validate(sender, presented, chain, errors & ~SslPolicyErrors.RemoteCertificateNameMismatch);
        }

        return options;
    }
}
