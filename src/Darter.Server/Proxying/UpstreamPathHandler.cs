using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Proxying;

/// <summary>Gives the requests below a path to an upstream.</summary>
/// <param name="path">The path.</param>
/// <param name="upstream">The upstream.</param>
internal sealed class UpstreamPathHandler(UpstreamPath path, IFrontHandler upstream) : IFrontHandler
{
    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features)
    {
        string asked = features.GetRequiredFeature<IHttpRequestFeature>().Path;
        bool isBelow = asked.StartsWith(path.Prefix, StringComparison.Ordinal) && (asked.Length == path.Prefix.Length || path.Prefix.Length == 0 || asked[path.Prefix.Length] == '/');
        return isBelow ? upstream.TryHandle(features) : null;
    }
}
