using Darter.Server.Configuration;
using Darter.Wire;
using Darter.Workers;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Applications;

/// <summary>Gives every request of the HTTP server to a pool of workers, with no middleware in between.</summary>
internal sealed partial class PythonApplication : IHttpApplication<HttpStream>
{
    internal PythonApplication(ServerConfig config, WorkerPool pool, ILogger<PythonApplication> logger)
    {
        Config = config;
        Pool = pool;
        Logger = logger;
        Rules = new RequestRules(config);

        // Fixed parts, two addresses, a length of our own, and the header section, whose size the server bounds; a field
        // takes as much on the channel as in HTTP/1.1.
        MaxRequestHead = RequestHead.FixedSize + (2 * byte.MaxValue) + 64 + (4 * config.LimitRequestFields) + config.LimitRequestHeaders;
    }

    internal ServerConfig Config { get; }

    internal WorkerPool Pool { get; }

    internal ILogger Logger { get; }

    /// <summary>Which requests are refused before they reach a worker.</summary>
    internal RequestRules Rules { get; }

    /// <summary>Memory for request bodies on their way to a worker.</summary>
    internal BodyMemory BodyMemory { get; } = new();

    /// <summary>Response header fields seen before; on the pool's loop only.</summary>
    internal ResponseHeaders Headers { get; } = new();

    /// <summary>Most bytes a request head takes on the channel, method and target apart.</summary>
    internal int MaxRequestHead { get; }

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
}
