using Microsoft.Extensions.Primitives;

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
        bool isWeak = tag.StartsWith("W/", StringComparison.Ordinal);
        ReadOnlySpan<char> opaque = isWeak ? tag.AsSpan(2) : tag;
        foreach (string? value in list)
        {
            if (Contains(value, opaque, strongly, isWeak))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Contains(ReadOnlySpan<char> rest, ReadOnlySpan<char> opaque, bool strongly, bool isWeak)
    {
        if (rest.Trim() is "*")
        {
            return true;
        }

        while (!(rest = rest.TrimStart(" \t,")).IsEmpty)
        {
            bool weak = rest.StartsWith("W/");
            rest = weak ? rest[2..] : rest;
            int end = rest.IsEmpty || rest[0] != '"' ? -1 : rest[1..].IndexOf('"');
            if (end < 0)
            {
                return false;
            }

            if (rest[..(end + 2)].SequenceEqual(opaque) && !(strongly && (weak || isWeak)))
            {
                return true;
            }

            rest = rest[(end + 2)..];
        }

        return false;
    }
}
