using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Darter.Server.Caching;

/// <summary>The head of an answer that is being received and will be kept.</summary>
internal readonly struct CapturedHead
{
    /// <inheritdoc cref="CachedAnswer.Status"/>
    internal required int Status { get; init; }

    /// <inheritdoc cref="CachedAnswer.Reason"/>
    internal required string? Reason { get; init; }

    /// <inheritdoc cref="CachedAnswer.Fields"/>
    internal required KeyValuePair<string, StringValues>[] Fields { get; init; }

    /// <inheritdoc cref="CachedAnswer.Freshness"/>
    internal required Freshness Freshness { get; init; }

    /// <inheritdoc cref="CachedAnswer.Audience"/>
    internal required CacheAudience Audience { get; init; }

    /// <inheritdoc cref="CachedAnswer.Tags"/>
    internal required string[] Tags { get; init; }

    /// <inheritdoc cref="CachedAnswer.EntityTag"/>
    internal required EntityTagHeaderValue? EntityTag { get; init; }

    /// <inheritdoc cref="CachedAnswer.Modified"/>
    internal required DateTimeOffset? Modified { get; init; }

    /// <summary>The names in Vary.</summary>
    internal required string[] Vary { get; init; }

    /// <summary>The request's fields, as it was sent to the application.</summary>
    internal required RequestFields Request { get; init; }

    /// <summary>The answer with its body, which is complete.</summary>
    internal CachedAnswer ToAnswer(Capture body) => new()
    {
        Status = Status,
        Reason = Reason,
        Fields = Fields,
        Length = body.Length,
        Body = body.Finish(),
        Freshness = Freshness,
        Audience = Audience,
        Tags = Tags,
        EntityTag = EntityTag,
        Modified = Modified,
    };
}
