using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Listeners;

/// <summary>Has a listener speak https, with HTTP/2 for clients that offer it (ALPN).</summary>
internal sealed class TlsCertificate : IAsyncDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2Collection _chain = [];
    private WebApplication? _host;

    /// <exception cref="IOException">A file cannot be read, or is not what it should be; the message names it.</exception>
    internal TlsCertificate(TlsConfig config)
    {
        string keyFile = config.KeyFile ?? config.CertificateFile;
        try
        {
            string certificate = File.ReadAllText(config.CertificateFile);
            string key = keyFile == config.CertificateFile ? certificate : File.ReadAllText(keyFile);
            _chain.ImportFromPem(certificate);
            _certificate = config.Password is { } password
                ? X509Certificate2.CreateFromEncryptedPem(certificate, key, password)
                : X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (CryptographicException exception)
        {
            throw new IOException($"The certificate '{config.CertificateFile}' with the key in '{keyFile}' cannot be used: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The certificate cannot be read: {exception.Message}", exception);
        }
    }

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
    internal void Use(ListenOptions listener) =>
        listener.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = _certificate, ServerCertificateChain = _chain });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync().ConfigureAwait(false);
        }

        _certificate.Dispose();
        foreach (X509Certificate2 certificate in _chain)
        {
            certificate.Dispose();
        }
    }
}
