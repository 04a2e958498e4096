using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Darter.Server.Caching;

/// <summary>What a client says it has of an answer, and what it wants of it, as it was before the request was sent on.</summary>
internal readonly struct RequestConditions
{
    private readonly StringValues _ifNoneMatch;
    private readonly StringValues _ifModifiedSince;
    private readonly StringValues _range;
    private readonly StringValues _ifRange;

    internal RequestConditions(IHttpRequestFeature request)
    {
        IsHead = HttpMethods.IsHead(request.Method);
        _ifNoneMatch = request.Headers.IfNoneMatch;
        _ifModifiedSince = request.Headers.IfModifiedSince;
        _range = request.Headers.Range;
        _ifRange = request.Headers.IfRange;
        IsForOrigin = request.Headers.IfMatch.Count > 0 || request.Headers.IfUnmodifiedSince.Count > 0;
    }

    /// <summary>Whether only the head is wanted.</summary>
    internal bool IsHead { get; }

    /// <summary>Whether it has conditions that only the application can judge (RFC 9111, section 4.3.2).</summary>
    internal bool IsForOrigin { get; }

    /// <summary>Whether the client has an answer and asks whether it is still right.</summary>
    internal bool AsksForChange => _ifNoneMatch.Count > 0 || _ifModifiedSince.Count > 0;

    /// <summary>Whether a part is wanted.</summary>
    internal bool AsksForRange => _range.Count > 0;

    /// <summary>Whether the client has this answer already (RFC 9110, section 13.2.2).</summary>
    internal bool Has(CachedAnswer answer)
    {
        if (_ifNoneMatch.Count > 0)
        {
            return Contains(_ifNoneMatch, answer.EntityTag);
        }

        return answer.Modified is { } modified && _ifModifiedSince is [{ } text]
            && HeaderUtilities.TryParseDate(text, out DateTimeOffset since) && modified <= since;
    }

    /// <summary>The part that is wanted (RFC 9110, section 14.2); null: the whole. Of several parts the whole is sent, which is allowed.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="isUnsatisfiable">Whether there is nothing of what is asked for.</param>
    internal ByteRange? RangeOf(CachedAnswer answer, out bool isUnsatisfiable)
    {
        isUnsatisfiable = false;
        return IsHead || _range is not [{ } text] || !AllowsRange(answer) ? null : SingleRange.Parse(text, answer.Length, out isUnsatisfiable);
    }

    private static bool Contains(StringValues list, EntityTagHeaderValue? own) =>
        EntityTagHeaderValue.TryParseStrictList([.. list.OfType<string>()], out IList<EntityTagHeaderValue>? tags)
        && tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || (own is not null && own.Compare(tag, useStrongComparison: false)));

    /// <summary>Section 13.1.5. A date is no strong validator unless much is known of it, so it never allows a part.</summary>
    private bool AllowsRange(CachedAnswer answer) => _ifRange.Count == 0
        || (_ifRange is [{ } text] && answer.EntityTag is { } own
            && EntityTagHeaderValue.TryParse(text, out EntityTagHeaderValue? tag) && own.Compare(tag, useStrongComparison: true));
}
