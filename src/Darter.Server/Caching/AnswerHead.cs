using Microsoft.AspNetCore.Http;

namespace Darter.Server.Caching;

/// <summary>The head of an answer of the application's, and what of the request decides whether it may be kept.</summary>
internal readonly struct AnswerHead
{
    /// <summary>The status.</summary>
    internal required int Status { get; init; }

    /// <summary>The header fields.</summary>
    internal required IHeaderDictionary Headers { get; init; }

    /// <summary>Whether the request says who sends it.</summary>
    internal required bool IsIdentified { get; init; }

    /// <summary>Whether the request has cookies.</summary>
    internal required bool HasCookies { get; init; }

    /// <summary>How long it is fresh if it says nothing of it; null: as the cache has it.</summary>
    internal TimeSpan? Ttl { get; init; }

    /// <summary>When the request was sent to the application, by the cache's clock, in milliseconds.</summary>
    internal required long RequestedAt { get; init; }
}
