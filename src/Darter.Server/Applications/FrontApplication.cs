using Darter.Server.Configuration;
using Darter.Server.Observability;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Applications;

/// <summary>Has every request answered in the front: there is no worker.</summary>
internal sealed partial class FrontApplication : IHttpApplication<FrontRequest>
{
    internal FrontApplication(ServerConfig config, IFrontHandler handler, ServerLogs? logs, ILogger logger)
    {
        Handler = handler;
        Rules = new RequestRules(config);
        AccessLog = logs?.Access;
        Logger = logger;
    }

    /// <summary>Who answers.</summary>
    internal IFrontHandler Handler { get; }

    /// <summary>Which requests are refused.</summary>
    internal RequestRules Rules { get; }

    /// <summary>The access log, or null.</summary>
    internal AccessLog? AccessLog { get; }

    /// <summary>The operator's log.</summary>
    internal ILogger Logger { get; }

    /// <summary>Whether each connection ends with its response, as in HTTP/1.0.</summary>
    internal bool ClosesConnections { get; init; }

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
