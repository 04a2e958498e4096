using System.Diagnostics.CodeAnalysis;
using System.Globalization;
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

    /// <summary>Encodes only the characters that no URL may have, each one byte, such as spaces and those beyond ASCII.</summary>
    internal static string EncodeUnsafe(string path)
    {
        if (path.All(character => character is >= '!' and <= '~'))
        {
            return path;
        }

        StringBuilder text = new(path.Length + 8);
        foreach (char character in path)
        {
            if (character is >= '!' and <= '~')
            {
                text.Append(character);
            }
            else
            {
                text.Append('%').Append(Digit(character >> 4 & 15)).Append(Digit(character & 15));
            }
        }

        return text.ToString();
    }

    /// <summary>Decodes a path. False: it is not encoded, since a percent sign in it does not begin an escape.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> path, [NotNullWhen(true)] out byte[]? decoded)
    {
        decoded = null;
        byte[] bytes = new byte[path.Length];
        int length = 0;
        for (int i = 0; i < path.Length; i++)
        {
            byte value = path[i];
            if (value == (byte)'%')
            {
                if (i + 2 >= path.Length || !byte.TryParse(path.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value))
                {
                    return false;
                }

                i += 2;
            }

            bytes[length++] = value;
        }

        decoded = bytes[..length];
        return true;
    }

    private static char Digit(int value) => "0123456789ABCDEF"[value];
}
