namespace Darter.Server.Caching;

/// <summary>How long an answer may be used (RFC 9111, section 4.2; RFC 5861). All times in milliseconds.</summary>
internal readonly record struct Freshness
{
    /// <summary>When it was received, by the cache's clock.</summary>
    internal required long ReceivedAt { get; init; }

    /// <summary>How old it was then.</summary>
    internal long InitialAge { get; init; }

    /// <summary>Up to which age it is fresh.</summary>
    internal required long Lifetime { get; init; }

    /// <summary>How much older it may be used while a newer one is asked for.</summary>
    internal long StaleWhileRevalidate { get; init; }

    /// <summary>How much older it may be used if there is no newer one to be had.</summary>
    internal long StaleIfError { get; init; }

    /// <summary>Whether no request can have it when it is stale (must-revalidate, proxy-revalidate, s-maxage).</summary>
    internal bool IsStrict { get; init; }

    /// <summary>How old it is.</summary>
    internal long AgeAt(long now) => InitialAge + Math.Max(0, now - ReceivedAt);

    /// <summary>How long it is still fresh; negative: since when it is not.</summary>
    internal long RemainingAt(long now) => Lifetime - AgeAt(now);

    /// <summary>Whether a stale one may be used while a newer one is asked for.</summary>
    internal bool MayServeWhileRevalidating(long now) => -RemainingAt(now) < StaleWhileRevalidate;

    /// <summary>Whether a stale one may be used in the place of an error.</summary>
    /// <param name="request">What the request allows (RFC 5861, section 4).</param>
    /// <param name="now">The time.</param>
    internal bool MayServeOnError(in CacheDirectives request, long now)
    {
        long allowed = IsStrict ? StaleIfError : Math.Max(StaleIfError, request.StaleIfError * 1000);
        return allowed > 0 && -RemainingAt(now) < allowed;
    }

    /// <summary>Whether a request with these directives may be answered with it, with nobody asked.</summary>
    internal bool Satisfies(in CacheDirectives request, long now)
    {
        if (request.NoCache || (request.MaxAge >= 0 && AgeAt(now) > request.MaxAge * 1000))
        {
            return false;
        }

        long remaining = RemainingAt(now);
        return remaining > 0
            ? remaining >= request.MinFresh * 1000
            : !IsStrict && request.MinFresh < 0 && request.MaxStale >= 0 && -remaining <= request.MaxStale * 1000;
    }
}
