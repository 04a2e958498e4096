using System.Text;
using Darter.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Applications;

/// <summary>
/// Turns the header fields of a worker's response into strings, remembering those seen before: most fields of most
/// responses are the same few lines. One per pool, used on its loop only.
/// </summary>
internal sealed class ResponseHeaders
{
    private const int Size = 512;
    private const int LongestRemembered = 160;

    private readonly Line?[] _lines = new Line?[Size];

    /// <summary>Adds the fields of <paramref name="block"/> to <paramref name="headers"/>.</summary>
    internal void Apply(HeaderBlock block, IHeaderDictionary headers)
    {
        bool first = true;
        foreach (HeaderBlock.Field field in block)
        {
            Line line = Find(field);
            if (first || !headers.TryGetValue(line.Name, out StringValues before))
            {
                headers[line.Name] = line.Value;
                first = false;
            }
            else
            {
                headers[line.Name] = StringValues.Concat(before, line.Value);
            }
        }
    }

    private Line Find(HeaderBlock.Field field)
    {
        ReadOnlySpan<byte> entry = field.Entry;
        if (entry.Length > LongestRemembered)
        {
            return Make(field);
        }

        HashCode hash = default;
        hash.AddBytes(entry);
        ref Line? line = ref _lines[(uint)hash.ToHashCode() % Size];
        if (line is null || !entry.SequenceEqual(line.Entry))
        {
            line = Make(field);
        }

        return line;
    }

    private static Line Make(HeaderBlock.Field field) => new(
        field.Entry.Length > LongestRemembered ? [] : field.Entry.ToArray(),
        Encoding.Latin1.GetString(field.Name),
        Encoding.Latin1.GetString(field.Value.Trim(" \t"u8)));

    private sealed record Line(byte[] Entry, string Name, StringValues Value);
}
