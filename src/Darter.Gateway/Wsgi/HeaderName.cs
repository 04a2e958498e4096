namespace Darter.Gateway.Wsgi;

/// <summary>Names of request header fields and their keys in the environ (PEP 3333, RFC 3875).</summary>
internal static class HeaderName
{
    /// <summary>Room that the key of a name of this length takes at most, its closing zero included.</summary>
    public static int KeyLength(int nameLength) => nameLength + 6;

    /// <summary>Whether only the first field of this name counts; these two have no HTTP_ before their name.</summary>
    public static bool IsSingle(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("content-length"u8) || name.SequenceEqual("content-type"u8);

    /// <summary>Writes the key of a name in lower case, with a zero at its end.</summary>
    public static ReadOnlySpan<byte> ToKey(ReadOnlySpan<byte> name, Span<byte> buffer)
    {
        int length = 0;
        if (!IsSingle(name))
        {
            "HTTP_"u8.CopyTo(buffer);
            length = 5;
        }

        foreach (byte character in name)
        {
            buffer[length++] = character is >= (byte)'a' and <= (byte)'z' ? (byte)(character - 32) : character == '-' ? (byte)'_' : character;
        }

        buffer[length++] = 0;
        return buffer[..length];
    }
}
