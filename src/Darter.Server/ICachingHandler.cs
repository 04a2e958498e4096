using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server;

/// <summary>A handler whose answers may come from the cache.</summary>
internal interface ICachingHandler : IFrontHandler
{
    /// <summary>As <see cref="IFrontHandler.TryHandle"/>, for a request whose target a route has changed.</summary>
    /// <param name="features">The request, and the response to write.</param>
    /// <param name="clientTarget">The target as the client has sent it.</param>
    Task<long>? TryHandle(IFeatureCollection features, string clientTarget);
}
