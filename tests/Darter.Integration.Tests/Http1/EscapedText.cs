using System.Globalization;
using System.Text;

namespace Darter.Integration.Tests.Http1;

/// <summary>The notation of bytes in testassets/requests: escapes as in C, and <c>\{300*text}</c> for repetitions.</summary>
internal static class EscapedText
{
    /// <summary>The text that <paramref name="source"/> stands for, one character for each byte.</summary>
    /// <exception cref="FormatException">There is an escape that does not exist.</exception>
    public static string Decode(ReadOnlySpan<char> source)
    {
        var text = new StringBuilder(source.Length);
        while (source.Length > 0)
        {
            if (source[0] != '\\')
            {
                text.Append(source[0]);
                source = source[1..];
                continue;
            }

            int length = 2;
            switch (source[1])
            {
                case 'r': text.Append('\r'); break;
                case 'n': text.Append('\n'); break;
                case 't': text.Append('\t'); break;
                case '0': text.Append('\0'); break;
                case '\\': text.Append('\\'); break;
                case 'x':
                    text.Append((char)byte.Parse(source.Slice(2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    length = 4;
                    break;
                case '{':
                    int star = source.IndexOf('*');
                    int end = source.IndexOf('}');
                    string repeated = Decode(source[(star + 1)..end]);
                    text.Insert(text.Length, repeated, int.Parse(source[2..star], CultureInfo.InvariantCulture));
                    length = end + 1;
                    break;
                default:
                    throw new FormatException($"Unknown escape in \"{source}\".");
            }

            source = source[length..];
        }

        return text.ToString();
    }
}
