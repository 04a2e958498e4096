using System.Text;

namespace Darter.Server.Files;

/// <summary>Names in URLs (RFC 3986).</summary>
internal static class PercentEncoding
{
    /// <summary>Encodes the bytes of a path: what could end it or be taken for something else is escaped, slashes are not.</summary>
    internal static string Encode(ReadOnlySpan<byte> path)
    {
        StringBuilder text = new(path.Length + 8);
        foreach (byte value in path)
        {
            if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'/' or (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
            {
                text.Append((char)value);
            }
            else
            {
                text.Append('%').Append(Digit(value >> 4)).Append(Digit(value & 15));
            }
        }

        return text.ToString();
    }

    private static char Digit(int value) => "0123456789ABCDEF"[value];
}
