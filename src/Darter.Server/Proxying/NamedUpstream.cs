using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Proxying;

/// <summary>Gives every request to an upstream, which is looked up each time, since a reload may change it.</summary>
/// <param name="name">The upstream's name.</param>
/// <param name="timeout">How long nothing may come from the destination or go to it; null: as the upstream has it.</param>
/// <param name="upstreams">The upstreams.</param>
internal sealed class NamedUpstream(string name, TimeSpan? timeout, Upstreams upstreams) : IFrontHandler
{
    /// <inheritdoc/>
    Task<long>? IFrontHandler.TryHandle(IFeatureCollection features) => TryHandle(features);

    /// <inheritdoc cref="IFrontHandler.TryHandle"/>
    internal Task<long> TryHandle(IFeatureCollection features) =>
        upstreams.Find(name)?.HandleAsync(features, timeout) ?? PlainAnswer.WriteAsync(features, StatusCodes.Status502BadGateway);
}
