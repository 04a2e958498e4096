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
    /// Adds the fields of <paramref name="block"/> to <paramref name="headers"/>. Returns what they may want of the front.
    /// </summary>
    internal AnswerInstructions Apply(HeaderBlock block, IHeaderDictionary headers)
    {
        bool first = true;
        AnswerInstructions instructions = AnswerInstructions.None;
        foreach (HeaderBlock.Field field in block)
        {
            Line line = Find(field);
            instructions |= line.Instructions;
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

        return instructions;
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
        InstructionsOf(field));

    private static AnswerInstructions InstructionsOf(HeaderBlock.Field field)
    {
        if (BeginsWith(field.Name, "grip-"u8)
            || (Ascii.EqualsIgnoreCase(field.Name, "content-type"u8) && field.Value.IndexOf("application/grip-instruct"u8) >= 0))
        {
            return AnswerInstructions.Hold;
        }

        return Ascii.EqualsIgnoreCase(field.Name, "x-sendfile"u8) || BeginsWith(field.Name, "x-accel-"u8) ? AnswerInstructions.File : AnswerInstructions.None;
    }

    private static bool BeginsWith(ReadOnlySpan<byte> name, ReadOnlySpan<byte> prefix) =>
        name.Length > prefix.Length && Ascii.EqualsIgnoreCase(name[..prefix.Length], prefix);

    private sealed record Line(byte[] Entry, string Name, StringValues Value, AnswerInstructions Instructions);
}
