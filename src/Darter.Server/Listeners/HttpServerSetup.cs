using System.Text;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;

namespace Darter.Server.Listeners;

/// <summary>The HTTP server's own settings, the same whatever answers the requests.</summary>
internal static class HttpServerSetup
{
    // Bytes of a request body that an HTTP/2 client may have on the way, for each stream.
    private const int StreamWindow = 256 * 1024;

    private static readonly ContentLengthEncoding ContentLength = new();
    private static readonly ConnectionEncoding Connection = new();

    /// <summary>Makes them; the addresses are missing.</summary>
    internal static KestrelServerOptions CreateOptions(ServerConfig config)
    {
        // A line ends with CR LF and nothing else; what takes LF alone for an end can be made to read a request that the
        // proxy before it did not see.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
        KestrelServerOptions options = new()
        {
            AddServerHeader = false,

            // Header values are bytes to us (WSGI's and ASGI's own view), which Latin-1 carries unchanged.
            RequestHeaderEncodingSelector = static name => name == HeaderNames.ContentLength ? ContentLength : Encoding.Latin1,
            ResponseHeaderEncodingSelector = static _ => Encoding.Latin1,
        };
        if (config.Upstreams.Count > 0 || config.Routes.Count > 0)
        {
            // Only a proxy has to know what else Connection names.
            options.RequestHeaderEncodingSelector = static name => name == HeaderNames.ContentLength ? ContentLength : name == HeaderNames.Connection ? Connection : Encoding.Latin1;
        }

        KestrelServerLimits limits = options.Limits;
        limits.KeepAliveTimeout = config.KeepAlive;
        limits.RequestHeadersTimeout = config.RequestHeaderTimeout;

        // The server measures a rate over what it was given, not over what the client took; HttpStream has a timeout of its own.
        limits.MinResponseDataRate = null;
        limits.MaxRequestLineSize = config.LimitRequestLine;
        limits.MaxRequestHeaderCount = config.LimitRequestFields;
        limits.MaxRequestHeadersTotalSize = config.LimitRequestHeaders;

        // Ours to hold: the server counts the framing of chunks as body.
        limits.MaxRequestBodySize = null;

        // Uploads that wait for a worker must not use up what the one that runs needs: there is room for all of them.
        limits.Http2.InitialStreamWindowSize = StreamWindow;
        limits.Http2.MaxStreamsPerConnection = config.Http2.MaxConcurrentStreams;
        limits.Http2.InitialConnectionWindowSize = (int)Math.Min((long)StreamWindow * limits.Http2.MaxStreamsPerConnection, int.MaxValue);
        limits.Http2.MaxFrameSize = config.Http2.MaxFrameSize;
        limits.Http2.MaxRequestHeaderFieldSize = config.LimitRequestFieldSize;
        return options;
    }
}
