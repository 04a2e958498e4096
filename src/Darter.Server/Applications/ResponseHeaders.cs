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

    /// <summary>
    /// Adds the fields of <paramref name="block"/> to <paramref name="headers"/>. True: some of them may be instructions to
    /// hold the answer.
    /// </summary>
    internal bool Apply(HeaderBlock block, IHeaderDictionary headers)
    {
        bool first = true;
        bool hasInstructions = false;
        foreach (HeaderBlock.Field field in block)
        {
            Line line = Find(field);
            hasInstructions |= line.IsInstruction;
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

        return hasInstructions;
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
        Encoding.Latin1.GetString(field.Value.Trim(" \t"u8)),
        IsInstruction(field));

    /// <summary>Whether it is a field of the GRIP protocol, or the type of a body that has them.</summary>
    private static bool IsInstruction(HeaderBlock.Field field) =>
        (field.Name.Length > 5 && Ascii.EqualsIgnoreCase(field.Name[..5], "grip-"u8))
        || (Ascii.EqualsIgnoreCase(field.Name, "content-type"u8) && field.Value.IndexOf("application/grip-instruct"u8) >= 0);

    private sealed record Line(byte[] Entry, string Name, StringValues Value, bool IsInstruction);
}
