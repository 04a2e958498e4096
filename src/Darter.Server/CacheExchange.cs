using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server;

/// <summary>A request and its response, as the cache of answers sees them.</summary>
internal readonly struct CacheExchange
{
    public CacheExchange()
    {
    }

    /// <summary>All of the request's features.</summary>
    internal required IFeatureCollection Features { get; init; }

    /// <summary>The request.</summary>
    internal required IHttpRequestFeature Request { get; init; }

    /// <summary>The response.</summary>
    internal required IHttpResponseFeature Response { get; init; }

    /// <summary>Path and query, as the client asks for them.</summary>
    internal required string Target { get; init; }

    /// <summary>Whether the client's connection is encrypted, as the application is told.</summary>
    internal required bool IsHttps { get; init; }

    /// <summary>Whether the application is told who the client is, by a certificate, beside what the request says.</summary>
    internal required bool IsIdentified { get; init; }

    /// <summary>Who answers it, and can be asked again.</summary>
    internal required IAnswerSource Source { get; init; }

    /// <summary>
    /// Tells apart who answers requests for one address, where that depends on more than the address; empty: it does not.
    /// </summary>
    internal string Variant { get; init; } = "";

    /// <summary>How long an answer is fresh that says nothing of it; null: as the cache has it.</summary>
    internal TimeSpan? Ttl { get; init; }

    /// <summary>Whether answers to requests like it are compressed for those who want it, so that stored ones are, too.</summary>
    internal bool MayBeEncoded { get; init; }

    /// <summary>To be called when the response's head is that of a stored answer, before it is sent.</summary>
    internal Action? OnHeadWritten { get; init; }
}
