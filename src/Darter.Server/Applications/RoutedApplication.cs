using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Applications;

/// <summary>Has each request answered by whoever its route names.</summary>
/// <param name="site">The routes and applications.</param>
/// <param name="front">Requests that the front answers.</param>
internal sealed class RoutedApplication(RoutedSite site, FrontApplication front) : IHttpApplication<RoutedRequest>
{
    private volatile RoutedSite _site = site;

    /// <summary>The routes and applications, for requests that begin now.</summary>
    internal RoutedSite Site
    {
        get => _site;
        set => _site = value;
    }

    /// <summary>Requests that the front answers.</summary>
    internal FrontApplication Front { get; } = front;

    /// <summary>Who answers requests before routes are looked at, in the order in which they are asked.</summary>
    internal IReadOnlyList<IFrontHandler> FrontHandlers { get; init; } = [];

    /// <summary>Whether each connection ends with its next response, since another front takes over.</summary>
    internal bool IsLeaving { get; set; }

    /// <inheritdoc/>
    public RoutedRequest CreateContext(IFeatureCollection contextFeatures)
    {
        if (contextFeatures is not IHostContextContainer<RoutedRequest> container)
        {
            return new RoutedRequest(this, contextFeatures);
        }

        return container.HostContext ??= new RoutedRequest(this, contextFeatures);
    }

    /// <inheritdoc/>
    public Task ProcessRequestAsync(RoutedRequest context) => context.ProcessAsync();

    /// <inheritdoc/>
    public void DisposeContext(RoutedRequest context, Exception? exception) => context.Release(exception);
}
