using System.Net;
using System.Net.Sockets;

namespace Darter.Testing.Http;

/// <summary>An <see cref="HttpClient"/> for a server of a test: it follows no redirect and unpacks nothing.</summary>
public static class ServerClient
{
    /// <summary>Creates one that speaks exactly <paramref name="protocol"/>, and keeps cookies if it is given a place for them.</summary>
    public static HttpClient Create(ServerAddress address, HttpProtocol protocol, CookieContainer? cookies = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = cookies is not null,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = async (_, cancellation) => new NetworkStream(await address.ConnectAsync(cancellation: cancellation), ownsSocket: true),
        };
        if (cookies is not null)
        {
            handler.CookieContainer = cookies;
        }

        return new HttpClient(handler)
        {
            BaseAddress = address.Uri,
            DefaultRequestVersion = protocol == HttpProtocol.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Wait.Patience,
        };
    }
}
