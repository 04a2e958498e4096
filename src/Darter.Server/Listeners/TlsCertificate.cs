using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Listeners;

/// <summary>Has a listener speak https, with HTTP/2 for clients that offer it (ALPN).</summary>
internal sealed class TlsCertificate : IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2Collection _chain = [];

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

    /// <summary>What the server needs to find for https.</summary>
    internal static IServiceProvider ServicesFor(ILoggerFactory loggers) => new Services(loggers);

    /// <summary>Has the listener speak https.</summary>
    internal void Use(ListenOptions listener) =>
        listener.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = _certificate, ServerCertificateChain = _chain });

    /// <inheritdoc/>
    public void Dispose()
    {
        _certificate.Dispose();
        foreach (X509Certificate2 certificate in _chain)
        {
            certificate.Dispose();
        }
    }

    private sealed class Services(ILoggerFactory loggers) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(ILoggerFactory) ? loggers : null;
    }
}
