using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Darter.Server.Caching;

/// <summary>Which fields of an answer are kept, and what they say for the cache.</summary>
internal static class AnswerFields
{
    /// <summary>Names an answer for purging, and is for caches alone.</summary>
    internal const string SurrogateKey = "Surrogate-Key";

    /// <summary>Names an answer for purging; clients may see it.</summary>
    internal const string CacheTag = "Cache-Tag";

    /// <summary>Longest tags of an answer, in characters: more is a mistake.</summary>
    private const int MaxTags = 16 * 1024;

    // RFC 9111, section 3.1, and those that are made anew for each answer.
    private static readonly FrozenSet<string> s_notKept = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade", "Content-Length", "Age", SurrogateKey);

    // Section 3.2: what describes the body that is stored, and not the one a 304 has not.
    private static readonly FrozenSet<string> s_ofTheBody = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Content-Encoding", "Content-Type", "Content-Range", "Content-Length");

    /// <summary>The fields that are kept; with a date in any case, by which clients compute the age.</summary>
    internal static KeyValuePair<string, StringValues>[] Keep(IHeaderDictionary headers, DateTimeOffset now)
    {
        List<KeyValuePair<string, StringValues>> kept = new(headers.Count + 1);
        foreach (KeyValuePair<string, StringValues> field in headers)
        {
            if (!s_notKept.Contains(field.Key))
            {
                kept.Add(field);
            }
        }

        if (headers.Date.Count == 0)
        {
            kept.Add(new KeyValuePair<string, StringValues>("Date", HeaderUtilities.FormatDate(now)));
        }

        return [.. kept];
    }

    /// <summary>The fields of a stored answer with those of a 304 in their place (section 3.2), in a collection of their own.</summary>
    internal static HeaderDictionary Freshen(CachedAnswer answer, IHeaderDictionary notModified)
    {
        HeaderDictionary fields = new(answer.Fields.Length + 1);
        foreach ((string name, StringValues values) in answer.Fields)
        {
            // The old date is that of the old answer.
            if (!name.Equals("Date", StringComparison.OrdinalIgnoreCase))
            {
                fields[name] = values;
            }
        }

        foreach ((string name, StringValues values) in notModified)
        {
            if (!s_ofTheBody.Contains(name))
            {
                fields[name] = values;
            }
        }

        return fields;
    }

    /// <summary>What the answer can be purged by.</summary>
    internal static string[] TagsOf(IHeaderDictionary headers)
    {
        StringValues keys = headers[SurrogateKey];
        StringValues tags = headers[CacheTag];
        if (keys.Count == 0 && tags.Count == 0)
        {
            return [];
        }

        string text = $"{keys},{tags}";
        return text.Length > MaxTags
            ? []
            : [.. text.Split([' ', ',', '\t'], StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>ETag, if it is one.</summary>
    internal static EntityTagHeaderValue? EntityTagOf(IHeaderDictionary headers) =>
        headers.ETag is [{ } text] && EntityTagHeaderValue.TryParse(text, out EntityTagHeaderValue? tag) ? tag : null;

    /// <summary>Last-Modified, if it is a date.</summary>
    internal static DateTimeOffset? ModifiedOf(IHeaderDictionary headers) =>
        headers.LastModified is [{ } text] && HeaderUtilities.TryParseDate(text, out DateTimeOffset date) ? date : null;

    /// <summary>The names in Vary.</summary>
    internal static string[] VaryOf(IHeaderDictionary headers) => headers.Vary.Count == 0
        ? []
        : [.. headers.Vary.ToString().Split([',', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase)];
}
