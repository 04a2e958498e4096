using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server;

/// <summary>Says which requests go where.</summary>
internal interface IRequestRouter
{
    /// <summary>Finds the first route that fits a request.</summary>
    /// <param name="features">The request.</param>
    /// <param name="from">The first route that counts.</param>
    /// <param name="hit">The route; its <see cref="RouteHit.Route"/> is null if none fits.</param>
    /// <returns>False: the request's path is malformed, or means something else to others than to us, so that the request is refused (400).</returns>
    bool TryFind(IFeatureCollection features, int from, out RouteHit hit);
}
