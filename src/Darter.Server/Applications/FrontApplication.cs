using System.Net;
using Darter.Server.Configuration;
using Darter.Server.Observability;
using Darter.Server.Proxies;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Applications;

/// <summary>Has every request answered in the front: there is no worker.</summary>
internal sealed partial class FrontApplication : IHttpApplication<FrontRequest>
{
    private readonly ProxyFields _proxyFields;

    internal FrontApplication(ServerConfig config, IFrontHandler handler, ServerLogs? logs, ILogger logger)
    {
        Handler = handler;
        Config = config;
        Rules = new RequestRules(config);
        Observer = RequestObserver.Create(config.Logging, logs);
        Logger = logger;
        _proxyFields = new ProxyFields(config.Proxy, config.Logging.RequestIdHeader);
    }

    /// <summary>The settings.</summary>
    internal ServerConfig Config { get; }

    /// <summary>Who answers.</summary>
    internal IFrontHandler Handler { get; }

    /// <summary>Which requests are refused.</summary>
    internal RequestRules Rules { get; }

    /// <summary>Who wants to know about requests, or null.</summary>
    internal RequestObserver? Observer { get; }

    /// <summary>The operator's log.</summary>
    internal ILogger Logger { get; }

    /// <summary>Whether each connection ends with its response, as in HTTP/1.0.</summary>
    internal bool ClosesConnections { get; init; }

    /// <summary>The fields that a peer of this address may send about its clients; null: none.</summary>
    internal ProxyFields? FieldsOf(IPAddress? peer) => Config.Proxy.ProxyHeaders && Config.Proxy.Forwarders.Contains(peer) ? _proxyFields : null;

    /// <inheritdoc/>
    public FrontRequest CreateContext(IFeatureCollection contextFeatures)
    {
        if (contextFeatures is not IHostContextContainer<FrontRequest> container)
        {
            return new FrontRequest(this, contextFeatures);
        }

        return container.HostContext ??= new FrontRequest(this, contextFeatures);
    }

    /// <inheritdoc/>
    public Task ProcessRequestAsync(FrontRequest context) => context.ProcessAsync();

    /// <inheritdoc/>
    public void DisposeContext(FrontRequest context, Exception? exception) => context.Release(exception);
}
