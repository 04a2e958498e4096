using System.Buffers;
using System.Text;

namespace Darter.Server.Routing;

/// <summary>The path of a request's target in its normal form, by which routes are chosen.</summary>
internal static class RoutePath
{
    private static readonly SearchValues<char> s_special = SearchValues.Create("%");

    // RFC 3986, section 3.3: what a path may have as it is.
    private static readonly SearchValues<byte> s_plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/"u8);

    /// <summary>
    /// Decodes the path and makes doubled slashes one. False: it is malformed, or has dot segments, which the one that answers may resolve
    /// in another way than the one that decides who may ask (RFC 3986, section 6.2.2.3; clients resolve them themselves).
    /// </summary>
    /// <param name="target">The request's target, an absolute form included.</param>
    /// <param name="path">The path, from its first slash on; of <c>*</c>, the target of OPTIONS, that.</param>
    internal static bool TryNormalize(string target, out string path)
    {
        ReadOnlySpan<char> raw = RequestTarget.Reduce(target);
        int query = raw.IndexOf('?');
        raw = query < 0 ? raw : raw[..query];
        if (raw[0] != '/')
        {
            path = target;
            return target == "*";
        }

        if (!raw.ContainsAny(s_special) && !raw.Contains("//", StringComparison.Ordinal))
        {
            path = raw.Length == target.Length ? target : raw.ToString();
            return !HasDotSegment(raw);
        }

        path = "";
        byte[] decoded = new byte[raw.Length];
        int length = 0;
        for (int i = 0; i < raw.Length; i++)
        {
            byte value = (byte)raw[i];
            if (value == (byte)'%')
            {
                if (i + 2 >= raw.Length || !byte.TryParse(raw.Slice(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out value) || value == 0)
                {
                    return false;
                }

                i += 2;
            }

            if (value != (byte)'/' || length == 0 || decoded[length - 1] != (byte)'/')
            {
                decoded[length++] = value;
            }
        }

        // What is no UTF-8 fits no pattern that names it; one with * takes it.
        path = Encoding.UTF8.GetString(decoded, 0, length);
        return !HasDotSegment(path);
    }

    /// <summary>The query of a target with its question mark, or nothing.</summary>
    internal static ReadOnlySpan<char> QueryOf(string target)
    {
        int query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? default : target.AsSpan(query);
    }

    /// <summary>A path in the form in which a request has it.</summary>
    internal static string Encode(ReadOnlySpan<char> path)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(path.ToArray());
        if (!bytes.AsSpan().ContainsAnyExcept(s_plain))
        {
            return path.ToString();
        }

        StringBuilder encoded = new(bytes.Length + 16);
        foreach (byte value in bytes)
        {
            if (s_plain.Contains(value))
            {
                encoded.Append((char)value);
            }
            else
            {
                encoded.Append('%').Append(value.ToString("X2", null));
            }
        }

        return encoded.ToString();
    }

    private static bool HasDotSegment(ReadOnlySpan<char> path)
    {
        int position = path.IndexOf("/.", StringComparison.Ordinal);
        while (position >= 0)
        {
            ReadOnlySpan<char> segment = path[(position + 1)..];
            int end = segment.IndexOf('/');
            if ((end < 0 ? segment : segment[..end]) is "." or "..")
            {
                return true;
            }

            int next = segment.IndexOf("/.", StringComparison.Ordinal);
            position = next < 0 ? -1 : position + 1 + next;
        }

        return false;
    }
}
