using System.Buffers;
using Darter.CPython;

namespace Darter.Gateway.Runtime;

/// <summary>Decodes %XX in a path (RFC 3986, section 2.1); what is no such sequence stays as it is.</summary>
internal static class PercentEncoding
{
    /// <summary>A str in which each decoded byte is one character, as PEP 3333 wants it. NULL: a Python error is set.</summary>
    public static NewReference ToLatin1(ReadOnlySpan<byte> path)
    {
        if (!path.Contains((byte)'%'))
        {
            return PythonText.FromLatin1(path);
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(path.Length);
        NewReference text = PythonText.FromLatin1(Decode(path, buffer));
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }

    /// <summary>The same, without the first bytes of what was decoded.</summary>
    public static NewReference ToLatin1(ReadOnlySpan<byte> path, int skipped)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(path.Length);
        ReadOnlySpan<byte> decoded = Decode(path, buffer);
        NewReference text = PythonText.FromLatin1(decoded[Math.Min(skipped, decoded.Length)..]);
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }

    /// <summary>A str of the decoded bytes as UTF-8, as ASGI wants it. NULL: a Python error is set.</summary>
    /// <param name="prefix">Bytes that come before, not decoded.</param>
    /// <param name="path">The path.</param>
    public static NewReference ToUtf8(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> path)
    {
        if (prefix.IsEmpty && !path.Contains((byte)'%'))
        {
            return PythonText.FromUtf8(path);
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(prefix.Length + path.Length);
        prefix.CopyTo(buffer);
        int length = prefix.Length + Decode(path, buffer.AsSpan(prefix.Length)).Length;
        NewReference text = PythonText.FromUtf8(buffer.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }

    private static ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> path, Span<byte> decoded)
    {
        int length = 0;
        for (int i = 0; i < path.Length; i++)
        {
            if (path[i] == '%' && i + 2 < path.Length && char.IsAsciiHexDigit((char)path[i + 1]) && char.IsAsciiHexDigit((char)path[i + 2]))
            {
                decoded[length++] = (byte)((Digit(path[i + 1]) << 4) | Digit(path[i + 2]));
                i += 2;
            }
            else
            {
                decoded[length++] = path[i];
            }
        }

        return decoded[..length];
    }

    private static int Digit(byte hex) => hex <= '9' ? hex - '0' : (hex | 0x20) - 'a' + 10;
}
