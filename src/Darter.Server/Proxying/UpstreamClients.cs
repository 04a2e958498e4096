using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Darter.Server.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Darter.Server.Proxying;

/// <summary>Makes the HTTP client of an upstream: its connections, which are kept and used again.</summary>
internal sealed class UpstreamClients(Func<string, UpstreamConfig> configOf) : ForwarderHttpClientFactory
{
    /// <summary>Where the connection for a request goes, if not to the host of its URL: the path of a Unix socket.</summary>
    internal static readonly HttpRequestOptionsKey<string> UnixPath = new("darter.unix");

    /// <summary>The name that a certificate must be for, if it is not that of the Host field.</summary>
    internal static readonly HttpRequestOptionsKey<string> TlsName = new("darter.tls");

    /// <inheritdoc/>
    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context) && context.OldMetadata?[ClusterMap.Connections] == context.NewMetadata?[ClusterMap.Connections];

    /// <inheritdoc/>
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        UpstreamConfig config = configOf(context.ClusterId);
        handler.ConnectTimeout = config.ConnectTimeout;
        handler.PooledConnectionIdleTimeout = config.KeepAlive;

        // The client's traceparent is passed on as it is: the front has no part in the trace.
        handler.ActivityHeadersPropagator = null;
        if (ClusterMap.NeedsConnector(config))
        {
            handler.ConnectCallback = (connection, cancellation) => ConnectAsync(connection, config, cancellation);
        }
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, UpstreamConfig config, CancellationToken cancellation)
    {
        HttpRequestOptions options = context.InitialRequestMessage.Options;
        (Socket socket, EndPoint endPoint) = options.TryGetValue(UnixPath, out string? path)
            ? (new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), new UnixDomainSocketEndPoint(path))
            : (new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }, (EndPoint)context.DnsEndPoint);
        NetworkStream? stream = null;
        SslStream? tls = null;
        try
        {
            await socket.ConnectAsync(endPoint, cancellation).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (!options.TryGetValue(TlsName, out string? name))
            {
                return stream;
            }

            tls = new SslStream(stream);
            await tls.AuthenticateAsClientAsync(TlsOptions(name, config), cancellation).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            if (tls is not null)
            {
                await tls.DisposeAsync().ConfigureAwait(false);
            }

            stream?.Dispose();
            socket.Dispose();
            throw;
        }
    }

#pragma warning disable CA5359 // The user has said so.
    private static SslClientAuthenticationOptions TlsOptions(string name, UpstreamConfig config) => new()
    {
        TargetHost = name,
        RemoteCertificateValidationCallback = config.VerifyCertificates ? null : static (_, _, _, _) => true,
        ApplicationProtocols = config.HttpVersion switch
        {
            UpstreamHttpVersion.Http11 => [SslApplicationProtocol.Http11],
            UpstreamHttpVersion.Http2 => [SslApplicationProtocol.Http2],
            _ => [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        },
    };
#pragma warning restore CA5359
}
