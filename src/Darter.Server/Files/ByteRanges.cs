using Microsoft.Extensions.Primitives;

namespace Darter.Server.Files;

/// <summary>The field Range (RFC 9110, section 14.2).</summary>
internal static class ByteRanges
{
    // Who wants more parts than this gets the whole: section 17.15, ranges as a means of exhausting a server.
    private const int MostRanges = 64;

    // Less than a part's own header section: section 15.3.7.2 lets us send the gap instead.
    private const int Gap = 80;

    /// <summary>
    /// Reads the field. Null: it is none, or one that asks for too much, and the whole file is to be sent. Empty: nothing of
    /// what it asks for exists, which is 416.
    /// </summary>
    internal static IReadOnlyList<ByteRange>? Parse(StringValues field, long fileLength)
    {
        if (field.Count != 1 || field[0] is not { } text || !text.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        List<ByteRange> ranges = [];
        ReadOnlySpan<char> specs = text.AsSpan("bytes=".Length);
        int count = 0;
        foreach (Range part in specs.Split(','))
        {
            ReadOnlySpan<char> spec = specs[part].Trim(" \t");
            if (spec.IsEmpty)
            {
                continue;
            }

            if (++count > MostRanges || !ByteRange.TryParse(spec, fileLength, out ByteRange? range))
            {
                return null;
            }

            if (range is { } satisfiable)
            {
                ranges.Add(satisfiable);
            }
        }

        return count == 0 ? null : ranges.Count > 1 ? Coalesce(ranges, fileLength) : ranges;
    }

    /// <summary>Joins ranges that overlap or nearly touch. Those that do not stay in the order they were asked for.</summary>
    private static List<ByteRange>? Coalesce(List<ByteRange> ranges, long fileLength)
    {
        List<ByteRange> joined = [];
        foreach (ByteRange range in ranges.OrderBy(range => range.Offset))
        {
            if (joined.Count > 0 && range.Offset <= joined[^1].End + Gap)
            {
                long start = joined[^1].Offset;
                joined[^1] = new ByteRange(start, Math.Max(joined[^1].End, range.End) - start);
            }
            else
            {
                joined.Add(range);
            }
        }

        if (joined.Count == ranges.Count)
        {
            return ranges;
        }

        return joined is [{ Offset: 0 } only] && only.Length == fileLength ? null : joined;
    }
}
