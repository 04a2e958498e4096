using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Routing;

/// <summary>The routes, in their order.</summary>
/// <param name="routes">The routes.</param>
/// <param name="proxy">Whose word about clients counts.</param>
internal sealed class RouteTable(IReadOnlyList<Route> routes, ProxyConfig proxy) : IRequestRouter, IDisposable
{
    /// <inheritdoc/>
    public bool TryFind(IFeatureCollection features, int from, out RouteHit hit)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        hit = default;
        if (!RoutePath.TryNormalize(request.RawTarget, out string path))
        {
            return false;
        }

        RouteQuery query = new(features, request, path, proxy);
        for (int i = from; i < routes.Count; i++)
        {
            if (routes[i].Matcher.Matches(query, out string? rest, out RouteCaptures? captures))
            {
                hit = new RouteHit(routes[i], i, rest, captures, query.Client);
                break;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Route route in routes)
        {
            route.Dispose();
        }
    }
}
