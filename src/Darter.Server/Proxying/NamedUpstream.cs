using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Proxying;

/// <summary>Gives every request to an upstream, which is looked up each time, since a reload may change it.</summary>
/// <param name="name">The upstream's name.</param>
/// <param name="upstreams">The upstreams.</param>
internal sealed class NamedUpstream(string name, Upstreams upstreams) : IFrontHandler
{
    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features) =>
        upstreams.Find(name)?.TryHandle(features) ?? PlainAnswer.WriteAsync(features, StatusCodes.Status502BadGateway);
}
