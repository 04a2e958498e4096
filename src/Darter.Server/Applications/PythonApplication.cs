using System.Net;
using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;
using Darter.Server.Observability;
using Darter.Server.Proxies;
using Darter.Server.WebSockets;
using Darter.Wire;
using Darter.Workers;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Applications;

/// <summary>Gives every request of the HTTP server to a pool of workers, with no middleware in between.</summary>
internal sealed partial class PythonApplication : IHttpApplication<HttpStream>, IAnswerSource, IDisposable
{
    private int _running;

    private readonly ProxyFields _proxyFields;

    internal PythonApplication(ServerConfig config, WorkerPool pool, ServerLogs? logs, ILogger<PythonApplication> logger)
    {
        _proxyFields = new ProxyFields(config.Proxy, config.Logging.RequestIdHeader);
        Observer = RequestObserver.Create(config.Logging, logs);
        Config = config;
        Pool = pool;
        Logger = logger;
        Rules = new RequestRules(config);
        WebSockets = new OpenWebSockets(config.WebSockets, pool.Loop);
        Deliveries = new SocketDeliveries(pool.Loop);
        LeastMessageCharge = ChannelFormat.LeastMessageChargeToWorker(config.WebSockets.MaxQueue);

        // Fixed parts, two addresses, a length of our own, and the header section, whose size the server bounds; a field
        // takes as much on the channel as in HTTP/1.1.
        MaxRequestHead = RequestHead.FixedSize + (2 * byte.MaxValue) + 64 + (4 * config.LimitRequestFields) + config.LimitRequestHeaders
            + (config.Logging.RequestIdHeader is { } id ? id.Length + byte.MaxValue : 0)
            + (config.Routes.Count > 0 ? 2 * RouteConfig.MaxFields : 0)
            + (config.Hub.Key is null ? 0 : HubConfig.MaxSignature);
    }

    internal ServerConfig Config { get; }

    internal WorkerPool Pool { get; }

    internal ILogger Logger { get; }

    /// <summary>Which requests are refused before they reach a worker.</summary>
    internal RequestRules Rules { get; }

    /// <summary>Who wants to know about requests, or null.</summary>
    internal RequestObserver? Observer { get; }

    /// <summary>Who answers requests before they come to a worker, in the order in which they are asked.</summary>
    internal IReadOnlyList<IFrontHandler> FrontHandlers { get; init; } = [];

    /// <summary>What puts something at the end of pages; null: nothing does.</summary>
    internal IPageExtension? PageExtension { get; init; }

    /// <summary>What holds WebSockets for applications that only answer requests; null: nothing does.</summary>
    internal ISocketHub? SocketHub { get; init; }

    /// <summary>Brings what is published to the WebSockets that are held.</summary>
    internal SocketDeliveries Deliveries { get; }

    /// <summary>Who takes over answers that are to be held; null: nobody.</summary>
    internal IAnswerHolder? Holder { get; init; }

    /// <summary>Who sends files that answers name; null: nobody, and the fields are passed on.</summary>
    internal INamedFiles? NamedFiles { get; init; }

    /// <summary>Compresses answers; null: they are sent as they come.</summary>
    internal AnswerCompression? Compression { get; init; }

    /// <summary>What keeps answers; null: nothing does.</summary>
    internal IAnswerCache? Cache { get; init; }

    /// <summary>Whether connections may have their addresses from the PROXY protocol.</summary>
    internal bool MayBeProxied => Config.Proxy.Protocol != ProxyProtocol.Off;

    /// <summary>Memory for request bodies on their way to a worker.</summary>
    internal BodyMemory BodyMemory { get; } = new();

    /// <summary>Response header fields seen before; on the pool's loop only.</summary>
    internal ResponseHeaders Headers { get; } = new();

    /// <summary>The WebSockets that are open; on the pool's loop only.</summary>
    internal OpenWebSockets WebSockets { get; }

    /// <summary>Compresses messages; on the pool's loop only.</summary>
    internal MessageDeflater Deflater { get; } = new();

    /// <summary>What a WebSocket message counts at least on its way to a worker, in bytes.</summary>
    internal int LeastMessageCharge { get; }

    /// <summary>Most bytes a request head takes on the channel, method and target apart.</summary>
    internal int MaxRequestHead { get; }

    /// <summary>Whether each connection ends with its next response, since another front takes over.</summary>
    internal bool IsLeaving { get; set; }

    /// <summary>Whether there is a limit to how many requests there may be at a time.</summary>
    internal bool IsLimited => Config.LimitConcurrency > 0;

    /// <summary>The fields that a peer of this address may send about its clients; null: none.</summary>
    internal ProxyFields? FieldsOf(IPAddress? peer) => Config.Proxy.ProxyHeaders && Config.Proxy.Forwarders.Contains(peer) ? _proxyFields : null;

    /// <summary>Counts a request, unless there are too many. Any thread.</summary>
    internal bool TryEnter()
    {
        if (Interlocked.Increment(ref _running) <= Config.LimitConcurrency)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>Counts a request no more. Any thread.</summary>
    internal void Leave() => Interlocked.Decrement(ref _running);

    /// <summary>Closes all WebSockets, since the server stops; the task ends when that has begun.</summary>
    internal Task CloseWebSocketsAsync()
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Pool.Loop.Post(new LoopCall(() =>
        {
            WebSockets.GoAway();

            // Behind the flushes that closing has put there.
            Pool.Loop.AtEndOfPass(new LoopCall(done.SetResult));
        }));
        return done.Task;
    }

    /// <inheritdoc/>
    public Task RunAsync(IFrontRequest request) => RunAsync(request, null);

    /// <summary>Answers a request of the front's own that takes a certain route; null: there are no routes.</summary>
    internal async Task RunAsync(IFrontRequest request, RouteSettings? route)
    {
        HttpStream stream = CreateContext(request);
        try
        {
            stream.Take(route, null);
            await ProcessRequestAsync(stream).ConfigureAwait(false);
        }
        finally
        {
            DisposeContext(stream, null);
        }
    }

    /// <inheritdoc/>
    public HttpStream CreateContext(IFeatureCollection contextFeatures)
    {
        if (contextFeatures is not IHostContextContainer<HttpStream> container)
        {
            return new HttpStream(this, contextFeatures);
        }

        return container.HostContext ??= new HttpStream(this, contextFeatures);
    }

    /// <inheritdoc/>
    public Task ProcessRequestAsync(HttpStream context) => context.ProcessAsync();

    /// <inheritdoc/>
    public void DisposeContext(HttpStream context, Exception? exception) => context.Release();

    /// <inheritdoc/>
    public void Dispose() => Deflater.Dispose();
}
