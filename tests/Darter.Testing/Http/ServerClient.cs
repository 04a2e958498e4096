using System.Net;
using System.Net.Sockets;

namespace Darter.Testing.Http;

/// <summary>An <see cref="HttpClient"/> for a server of a test: it follows no redirect, keeps no cookies and unpacks nothing.</summary>
public static class ServerClient
{
    /// <summary>Creates one that speaks exactly <paramref name="protocol"/>.</summary>
    public static HttpClient Create(ServerAddress address, HttpProtocol protocol)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = async (_, cancellation) => new NetworkStream(await address.ConnectAsync(cancellation: cancellation), ownsSocket: true),
        };
        return new HttpClient(handler)
        {
            BaseAddress = address.Uri,
            DefaultRequestVersion = protocol == HttpProtocol.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Wait.Patience,
        };
    }
}
