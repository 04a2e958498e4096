using System.Globalization;

namespace Darter.Server;

/// <summary>A part of a file, or of another body.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">Its length, at least 1.</param>
internal readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>Where it ends: the first byte that is not in it.</summary>
    internal long End => Offset + Length;

    /// <summary>The range as Content-Range has it.</summary>
    internal string ToContentRange(long wholeLength) => $"bytes {Offset}-{End - 1}/{wholeLength}";

    /// <summary>Reads one range (RFC 9110, section 14.1.2), without the unit; null in <paramref name="range"/>: nothing of it exists. False: it is no range.</summary>
    internal static bool TryParse(ReadOnlySpan<char> spec, long length, out ByteRange? range)
    {
        range = null;
        int hyphen = spec.IndexOf('-');
        if (hyphen < 0)
        {
            return false;
        }

        ReadOnlySpan<char> first = spec[..hyphen];
        ReadOnlySpan<char> last = spec[(hyphen + 1)..];
        if (first.IsEmpty)
        {
            if (!TryNumber(last, out long suffix))
            {
                return false;
            }

            suffix = Math.Min(suffix, length);
            range = suffix == 0 ? null : new ByteRange(length - suffix, suffix);
            return true;
        }

        long end = long.MaxValue;
        if (!TryNumber(first, out long start) || (!last.IsEmpty && (!TryNumber(last, out end) || end < start)))
        {
            return false;
        }

        range = start < length ? new ByteRange(start, Math.Min(end, length - 1) - start + 1) : null;
        return true;
    }

    /// <summary>Digits only; a number beyond all lengths is as good as the greatest.</summary>
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
