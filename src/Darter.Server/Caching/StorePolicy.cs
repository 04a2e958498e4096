using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Darter.Server.Caching;

/// <summary>Which answers are kept, and for how long (RFC 9111, sections 3 and 4.2).</summary>
/// <param name="ttl">How long those are fresh that say nothing of it; zero: they are not kept.</param>
/// <param name="clock">The clock.</param>
internal sealed class StorePolicy(TimeSpan ttl, CacheClock clock)
{
    /// <summary>Whether an answer may be kept.</summary>
    internal bool Allows(in AnswerHead head, out Freshness freshness, out CacheAudience audience)
    {
        freshness = default;
        audience = CacheAudience.Anybody;
        IHeaderDictionary headers = head.Headers;
        CacheDirectives directives = CacheDirectives.Parse(headers.CacheControl);
        if (!IsComplete(head) || !Permits(head, directives))
        {
            return false;
        }

        long lifetime = ExplicitLifetime(headers, directives);
        if (lifetime >= 0)
        {
            audience = CacheAudience.Cookies;
        }
        else if ((head.Ttl ?? ttl) is var unsaid && unsaid > TimeSpan.Zero && IsOrdinary(head.Status) && !head.IsIdentified && !head.HasCookies)
        {
            // An application that does not think of caches may answer by cookie and not say so.
            lifetime = (long)unsaid.TotalMilliseconds;
        }
        else
        {
            return false;
        }

        if (IsForIdentified(directives))
        {
            audience |= CacheAudience.Identified;
        }

        bool mayBeStale = !directives.MustRevalidate && !directives.ProxyRevalidate;
        freshness = new Freshness
        {
            ReceivedAt = clock.Milliseconds,
            InitialAge = InitialAge(headers, head.RequestedAt),
            Lifetime = lifetime,
            StaleWhileRevalidate = mayBeStale ? Math.Max(0, directives.StaleWhileRevalidate) * 1000 : 0,
            StaleIfError = mayBeStale ? Math.Max(0, directives.StaleIfError) * 1000 : 0,
            IsStrict = !mayBeStale || directives.SharedMaxAge >= 0,
        };

        // What would have to be asked for each time is not worth its memory, and requests would wait for each other.
        return freshness.InitialAge < freshness.Lifetime + freshness.StaleWhileRevalidate;
    }

    /// <summary>Whether it is a whole answer, and one that does not go on for ever.</summary>
    private static bool IsComplete(in AnswerHead head) =>
        head.Status is >= StatusCodes.Status200OK and not (StatusCodes.Status206PartialContent or StatusCodes.Status304NotModified or StatusCodes.Status416RangeNotSatisfiable)
        && head.Headers.Trailer.Count == 0
        && head.Headers.ContentRange.Count == 0
        && !head.Headers.ContentType.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    private static bool Permits(in AnswerHead head, in CacheDirectives directives)
    {
        // Section 5.2.2.3: whoever understands the status does not mind the no-store beside must-understand.
        bool isForbidden = directives.MustUnderstand ? !IsUnderstood(head.Status) : directives.NoStore;
        if (isForbidden || directives.NoCache || directives.Private)
        {
            return false;
        }

        // A cookie is mostly for one client, and who shares it shares a session. Section 7.3 leaves it to the cache.
        if (head.Headers.SetCookie.Count > 0 && !directives.Public)
        {
            return false;
        }

        return !(head.IsIdentified && !IsForIdentified(directives)) && !VariesWithAll(head.Headers.Vary);
    }

    /// <summary>Section 3.5.</summary>
    private static bool IsForIdentified(in CacheDirectives directives) => directives.Public || directives.SharedMaxAge >= 0 || directives.MustRevalidate;

    private static bool VariesWithAll(StringValues vary)
    {
        foreach (string? line in vary)
        {
            if (line!.Contains('*', StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Statuses that RFC 9110 defines, and none that only a part of a dialogue has.</summary>
    private static bool IsUnderstood(int status) => status
        is StatusCodes.Status200OK or StatusCodes.Status203NonAuthoritative or StatusCodes.Status204NoContent
        or StatusCodes.Status300MultipleChoices or StatusCodes.Status301MovedPermanently or StatusCodes.Status302Found or StatusCodes.Status303SeeOther
        or StatusCodes.Status307TemporaryRedirect or StatusCodes.Status308PermanentRedirect
        or StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed or StatusCodes.Status410Gone or StatusCodes.Status414UriTooLong
        or StatusCodes.Status501NotImplemented;

    /// <summary>Statuses that are kept although the answer says nothing: no mistake, and nothing that was only missing just now.</summary>
    private static bool IsOrdinary(int status) => status
        is StatusCodes.Status200OK or StatusCodes.Status203NonAuthoritative or StatusCodes.Status300MultipleChoices
        or StatusCodes.Status301MovedPermanently or StatusCodes.Status308PermanentRedirect;

    /// <summary>Section 4.2.1, in milliseconds; -1: the answer does not say.</summary>
    private long ExplicitLifetime(IHeaderDictionary headers, in CacheDirectives directives)
    {
        if (directives.SharedMaxAge >= 0)
        {
            return directives.SharedMaxAge * 1000;
        }

        if (directives.MaxAge >= 0)
        {
            return directives.MaxAge * 1000;
        }

        if (headers.Expires.Count == 0)
        {
            return -1;
        }

        // Section 5.3: what is no date, above all 0, is one of the past.
        DateTimeOffset sent = HeaderUtilities.TryParseDate(headers.Date.ToString(), out DateTimeOffset date) ? date : clock.Now;
        return headers.Expires is [{ } text] && HeaderUtilities.TryParseDate(text, out DateTimeOffset expires)
            ? Math.Max(0, (long)(expires - sent).TotalMilliseconds)
            : 0;
    }

    /// <summary>Section 4.2.3, the age on arrival.</summary>
    private long InitialAge(IHeaderDictionary headers, long requestedAt)
    {
        long apparent = HeaderUtilities.TryParseDate(headers.Date.ToString(), out DateTimeOffset date)
            ? Math.Max(0, (long)(clock.Now - date).TotalMilliseconds)
            : 0;
        if (!long.TryParse(headers.Age.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long age))
        {
            age = 0;
        }

        return Math.Max(apparent, (Math.Min(age, int.MaxValue) * 1000) + Math.Max(0, clock.Milliseconds - requestedAt));
    }
}
