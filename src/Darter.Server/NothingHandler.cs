using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server;

/// <summary>Answers nothing.</summary>
internal sealed class NothingHandler : IFrontHandler
{
    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features) => null;
}
