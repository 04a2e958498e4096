using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Darter.Server.Files;

/// <summary>The conditions of a GET or HEAD, in the order of RFC 9110, section 13.2.2.</summary>
internal static class Preconditions
{
    /// <summary>Evaluates all but If-Range.</summary>
    internal static Precondition Evaluate(IHeaderDictionary headers, in Validators file)
    {
        if (headers.IfMatch is { Count: > 0 } ifMatch)
        {
            if (!EntityTags.Contains(ifMatch, file.Tag, strongly: true))
            {
                return Precondition.Failed;
            }
        }
        else if (TryDate(headers.IfUnmodifiedSince, out DateTimeOffset unmodifiedSince) && file.Modified > unmodifiedSince)
        {
            return Precondition.Failed;
        }

        if (headers.IfNoneMatch is { Count: > 0 } ifNoneMatch)
        {
            return EntityTags.Contains(ifNoneMatch, file.Tag, strongly: false) ? Precondition.NotModified : Precondition.Proceed;
        }

        return TryDate(headers.IfModifiedSince, out DateTimeOffset modifiedSince) && file.Modified <= modifiedSince
            ? Precondition.NotModified
            : Precondition.Proceed;
    }

    /// <summary>Section 13.1.5: whether a range is still one of what the client has a part of.</summary>
    internal static bool AllowsRange(IHeaderDictionary headers, in Validators file)
    {
        StringValues condition = headers.IfRange;
        if (condition.Count == 0)
        {
            return true;
        }

        if (!file.IsStrong || condition.Count > 1)
        {
            return false;
        }

        return condition[0]!.Contains('"', StringComparison.Ordinal)
            ? condition[0] == file.Tag
            : TryDate(condition, out DateTimeOffset date) && date == file.Modified;
    }

    private static bool TryDate(StringValues value, out DateTimeOffset date)
    {
        date = default;
        return value.Count == 1 && HeaderUtilities.TryParseDate(value[0], out date);
    }
}
