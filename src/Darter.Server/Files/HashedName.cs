using System.Buffers;

namespace Darter.Server.Files;

/// <summary>
/// Names with a hash of the file's content in them, as bundlers and Django's ManifestStaticFilesStorage make them:
/// <c>app.3f2a91bc.js</c>, <c>index-BQ3xYz7k.css</c>. Such a file never changes; its successor has another name.
/// </summary>
internal static class HashedName
{
    private const int ShortestHash = 8;
    private const int LongestHash = 64;

    private static readonly SearchValues<byte> HashCharacters =
        SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"u8);

    private static readonly SearchValues<byte> SmallHexadecimal = SearchValues.Create("0123456789abcdef"u8);
    private static readonly SearchValues<byte> CapitalHexadecimal = SearchValues.Create("0123456789ABCDEF"u8);

    /// <summary>Whether a name has a part between dots or a hyphen and a dot that looks like a hash.</summary>
    internal static bool Matches(ReadOnlySpan<byte> name)
    {
        int dot = name.IndexOf((byte)'.');
        while (dot >= 0)
        {
            // The part before this dot: behind the dot before it, or, in the first part, behind the last hyphen.
            ReadOnlySpan<byte> before = name[..dot];
            int start = before.LastIndexOfAny((byte)'.', (byte)'-');
            if (start > 0 && LooksLikeHash(before[(start + 1)..]))
            {
                return true;
            }

            int next = name[(dot + 1)..].IndexOf((byte)'.');
            dot = next < 0 ? -1 : dot + 1 + next;
        }

        return false;
    }

    /// <summary>
    /// A word, a date or a version is no hash: it has letters and digits, mixed. Of hexadecimal digits that is enough; other
    /// alphabets have capitals and small letters as well, which tells them from names such as <c>photo-holiday2024.jpg</c>.
    /// </summary>
    private static bool LooksLikeHash(ReadOnlySpan<byte> part)
    {
        if (part.Length is < ShortestHash or > LongestHash || part.ContainsAnyExcept(HashCharacters))
        {
            return false;
        }

        bool digits = part.ContainsAnyInRange((byte)'0', (byte)'9');
        bool small = part.ContainsAnyInRange((byte)'a', (byte)'z');
        bool capitals = part.ContainsAnyInRange((byte)'A', (byte)'Z');
        bool isHexadecimal = !part.ContainsAnyExcept(SmallHexadecimal) || !part.ContainsAnyExcept(CapitalHexadecimal);
        return digits && (isHexadecimal ? small || capitals : small && capitals);
    }
}
