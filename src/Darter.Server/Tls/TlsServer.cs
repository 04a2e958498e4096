using System.Net.Security;
using Darter.Server.Configuration;
using Darter.Server.Tls.Acme;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Tls;

/// <summary>
/// Has listeners speak https, with HTTP/2 for clients that offer it (ALPN). Certificates are read again when their files
/// change; connections that exist keep theirs.
/// </summary>
internal sealed partial class TlsServer : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private static readonly SslApplicationProtocol s_acmeProtocol = new("acme-tls/1");

    private readonly TlsConfig _config;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly AcmeManager? _acme;
    private CertificateSet _certificates;
    private string _seen;
    private WebApplication? _host;

    /// <exception cref="IOException">A file cannot be read, or is not what it should be; the message names it.</exception>
    internal TlsServer(TlsConfig config, TimeProvider time, ILogger logger)
    {
        _config = config;
        _logger = logger;
        _certificates = new CertificateSet(config);
        _seen = _certificates.Stamp;
        if (_certificates.Expires is { } expires && expires < time.GetUtcNow().LocalDateTime)
        {
            Log.Expired(logger, expires);
        }

        _acme = config.Acme is { } acme ? new AcmeManager(acme, time, logger) : null;
        _timer = time.CreateTimer(static server => ((TlsServer)server!).Refresh(), this, s_interval, s_interval);
    }

    /// <summary>Answers the challenges of authorities over http; null: there are none.</summary>
    internal IFrontHandler? Challenges => _acme?.Challenges;

    /// <summary>What the HTTP server needs to find for https: services of its own that are internal to it, so its host has to make them.</summary>
    internal IServiceProvider MakeServices(ILoggerFactory loggers)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        _host = builder.Build();
        return _host.Services;
    }

    /// <summary>Has the listener speak https.</summary>
    internal void Use(ListenOptions listener)
    {
        bool answersHandshakes = _acme?.AnswersHandshakes == true;
        if (answersHandshakes || _config.Certificates.Count > 1)
        {
            listener.Use(next => new ClientHelloPeek(next, () => answersHandshakes || Volatile.Read(ref _certificates).IsMixed).OnConnectionAsync);
        }

        listener.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = context => ValueTask.FromResult(Choose(context)) });
        listener.Use(CloseNotify.Send);
        if (answersHandshakes)
        {
            listener.Use(EndValidations);
        }

        listener.Use(TlsVariables.Attach);
    }

    /// <summary>Begins to obtain certificates, if there are any to obtain.</summary>
    /// <param name="hasHttp">Whether there are listeners for http, too, which ask <see cref="Challenges"/>.</param>
    internal void Start(bool hasHttp) => _acme?.Start(hasHttp);

    /// <summary>Reads the certificates again if a file has changed. What cannot be used is reported once and leaves those in use as they are.</summary>
    internal void Refresh()
    {
        try
        {
            string stamp = CertificateSet.StampOf(_config);
            if (stamp == _seen || _config.Certificates.Count == 0)
            {
                return;
            }

            _seen = stamp;
            CertificateSet fresh = new(_config);
            Volatile.Write(ref _certificates, fresh);
            Log.ReadAgain(_logger, fresh.Expires!.Value);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotReadAgain(_logger, exception.Message);
        }
    }

    /// <summary>What the handshake of a connection has to do.</summary>
    internal SslServerAuthenticationOptions Choose(TlsHandshakeCallbackContext context)
    {
        CertificateSet certificates = Volatile.Read(ref _certificates);
        ClientHello? hello = context.Connection.Features.Get<ClientHello>();
        string name = context.ClientHelloInfo.ServerName;
        if (hello?.IsAcmeValidation == true && _acme?.FindAnswer(name) is { } answer)
        {
            return new SslServerAuthenticationOptions { ServerCertificateContext = answer.Context, ApplicationProtocols = [s_acmeProtocol] };
        }

        LoadedCertificate? certificate = certificates.Find(name, hello) ?? _acme?.Find(name) ?? certificates.FindDefault(hello) ?? _acme?.Default;
        return certificates.OptionsFor(certificate!);
    }

    /// <summary>RFC 8737, section 3: nothing is said after the handshake of a validation.</summary>
    private static ConnectionDelegate EndValidations(ConnectionDelegate next) =>
        connection => connection.Features.Get<ClientHello>()?.IsAcmeValidation == true ? Task.CompletedTask : next(connection);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        if (_acme is not null)
        {
            await _acme.DisposeAsync().ConfigureAwait(false);
        }

        if (_host is not null)
        {
            await _host.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The certificates have changed and are in use for new connections; the first one ends {Expires:yyyy-MM-dd HH:mm}")]
        internal static partial void ReadAgain(ILogger logger, DateTime expires);

        [LoggerMessage(2, LogLevel.Error, "The certificates have changed and cannot be used, so those before them stay: {Message}")]
        internal static partial void NotReadAgain(ILogger logger, string message);

        [LoggerMessage(3, LogLevel.Warning, "A certificate ended at {Expires:yyyy-MM-dd HH:mm}; clients will refuse it (--certfile)")]
        internal static partial void Expired(ILogger logger, DateTime expires);
    }
}
