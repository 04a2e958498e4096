using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Darter.Server.Files;

/// <summary>Lists of entity tags, as in If-Match and If-None-Match.</summary>
internal static class EntityTags
{
    /// <summary>Whether a tag is in the list, or the list is <c>*</c>. What is no list contains nothing.</summary>
    /// <param name="list">The field's values.</param>
    /// <param name="tag">The tag, as it stands in ETag.</param>
    /// <param name="strongly">Whether weak tags match nothing (RFC 9110, section 8.8.3.2).</param>
    internal static bool Contains(StringValues list, string tag, bool strongly)
    {
        EntityTagHeaderValue own = EntityTagHeaderValue.Parse(tag);
        return EntityTagHeaderValue.TryParseStrictList([.. list.OfType<string>()], out IList<EntityTagHeaderValue>? tags)
            && tags.Any(other => other.Equals(EntityTagHeaderValue.Any) || own.Compare(other, strongly));
    }
}
