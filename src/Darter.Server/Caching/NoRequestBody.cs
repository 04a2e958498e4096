using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Caching;

/// <summary>That a request has no body.</summary>
internal sealed class NoRequestBody : IHttpRequestBodyDetectionFeature
{
    /// <summary>The only one.</summary>
    internal static NoRequestBody Instance { get; } = new();

    /// <inheritdoc/>
    public bool CanHaveBody => false;
}
