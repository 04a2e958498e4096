namespace Darter.Server.Files;

/// <summary>Absolute paths of files, in bytes, as applications write them.</summary>
internal static class AbsolutePath
{
    /// <summary>
    /// The parts with single slashes between them and none at the ends. Null: it is not absolute, or has a part <c>..</c>, which
    /// an application that has checked its path does not leave in it, or a zero.
    /// </summary>
    internal static byte[]? Normalize(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty || path[0] != (byte)'/' || path.Contains((byte)0))
        {
            return null;
        }

        byte[] normal = new byte[path.Length];
        int length = 0;
        foreach (Range range in path.Split((byte)'/'))
        {
            ReadOnlySpan<byte> part = path[range];
            if (part.SequenceEqual(".."u8))
            {
                return null;
            }

            if (part.IsEmpty || part.SequenceEqual("."u8))
            {
                continue;
            }

            if (length > 0)
            {
                normal[length++] = (byte)'/';
            }

            part.CopyTo(normal.AsSpan(length));
            length += part.Length;
        }

        return normal[..length];
    }
}
