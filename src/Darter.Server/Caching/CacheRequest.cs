using Microsoft.AspNetCore.Http;

namespace Darter.Server.Caching;

/// <summary>What a request says that matters to the cache.</summary>
internal readonly struct CacheRequest
{
    internal CacheRequest(in CacheExchange exchange)
    {
        IHeaderDictionary headers = exchange.Request.Headers;
        Conditions = new RequestConditions(exchange.Request);
        Fields = new RequestFields(headers);

        // RFC 9111, section 5.4: what clients sent before there was Cache-Control.
        Directives = headers.CacheControl.Count > 0 ? CacheDirectives.Parse(headers.CacheControl)
            : headers.Pragma.Count > 0 ? CacheDirectives.Parse(headers.Pragma)
            : new CacheDirectives();
        IsIdentified = exchange.IsIdentified || headers.Authorization.Count > 0;
        HasCookies = headers.Cookie.Count > 0;
        Ttl = exchange.Ttl;
    }

    /// <summary>What the client has, and wants.</summary>
    internal RequestConditions Conditions { get; }

    /// <summary>What tells answers apart.</summary>
    internal RequestFields Fields { get; }

    /// <summary>What it says about caches.</summary>
    internal CacheDirectives Directives { get; }

    /// <summary>Whether it says who sends it.</summary>
    internal bool IsIdentified { get; }

    /// <summary>Whether it has cookies.</summary>
    internal bool HasCookies { get; }

    /// <summary>How long its answer is fresh if it says nothing of it; null: as the cache has it.</summary>
    internal TimeSpan? Ttl { get; }

    /// <summary>What an earlier look at it has given.</summary>
    internal CacheLookup? Earlier { get; init; }

    /// <summary>Requests of different kinds do not wait for each other: an answer that may be kept for one may not be for another.</summary>
    internal int Kind => (IsIdentified ? 2 : 0) + (HasCookies ? 1 : 0);

    /// <summary>Whether something stale will do, as far as the client says.</summary>
    internal bool AcceptsStale => !Directives.NoCache && Directives.MaxAge < 0 && Directives.MinFresh < 0;

    /// <summary>Whether it may be answered with an answer to another client.</summary>
    internal bool MayHave(CachedAnswer answer) =>
        (!IsIdentified || (answer.Audience & CacheAudience.Identified) != 0) && (!HasCookies || (answer.Audience & CacheAudience.Cookies) != 0);
}
