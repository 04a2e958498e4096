using System.Globalization;

namespace Darter.Server.Caching;

/// <summary>The field Range with one range of bytes (RFC 9110, section 14.1.2).</summary>
internal static class SingleRange
{
    /// <summary>Reads it; null: it is none, or several, and the whole is to be sent, or nothing of it exists.</summary>
    /// <param name="text">The field's value.</param>
    /// <param name="length">Length of the whole.</param>
    /// <param name="isUnsatisfiable">Whether nothing of it exists (416).</param>
    internal static (long Offset, long Length)? Parse(string text, long length, out bool isUnsatisfiable)
    {
        isUnsatisfiable = false;
        ReadOnlySpan<char> spec = text;
        if (!spec.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        spec = spec["bytes=".Length..].Trim(" \t");
        int hyphen = spec.IndexOf('-');
        if (hyphen < 0)
        {
            return null;
        }

        ReadOnlySpan<char> first = spec[..hyphen];
        ReadOnlySpan<char> last = spec[(hyphen + 1)..];
        if (first.IsEmpty)
        {
            if (!TryNumber(last, out long suffix))
            {
                return null;
            }

            suffix = Math.Min(suffix, length);
            isUnsatisfiable = suffix == 0;
            return isUnsatisfiable ? null : (length - suffix, suffix);
        }

        long end = long.MaxValue;
        if (!TryNumber(first, out long start) || (!last.IsEmpty && (!TryNumber(last, out end) || end < start)))
        {
            return null;
        }

        isUnsatisfiable = start >= length;
        return isUnsatisfiable ? null : (start, Math.Min(end, length - 1) - start + 1);
    }

    /// <summary>Digits only; a number beyond all answers is as good as the greatest.</summary>
    private static bool TryNumber(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value))
        {
            value = long.MaxValue;
        }

        return true;
    }
}
