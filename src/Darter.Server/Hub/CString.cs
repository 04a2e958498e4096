using System.Globalization;

namespace Darter.Server.Hub;

/// <summary>The escapes of <c>format=cstring</c>.</summary>
internal static class CString
{
    /// <summary>Reads <c>\n</c>, <c>\r</c>, <c>\t</c>, <c>\\</c> and <c>\xHH</c>; null: there is another one.</summary>
    internal static byte[]? Read(ReadOnlySpan<byte> text)
    {
        List<byte> bytes = [];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.Add(text[i]);
                continue;
            }

            i++;
            switch (i < text.Length ? (char)text[i] : '\0')
            {
                case 'n':
                    bytes.Add((byte)'\n');
                    break;
                case 'r':
                    bytes.Add((byte)'\r');
                    break;
                case 't':
                    bytes.Add((byte)'\t');
                    break;
                case '\\':
                    bytes.Add((byte)'\\');
                    break;
                case 'x' when i + 2 < text.Length && byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value):
                    bytes.Add(value);
                    i += 2;
                    break;
                default:
                    return null;
            }
        }

        return [.. bytes];
    }
}
