using System.Globalization;

namespace Darter.Server.Files;

/// <summary>
/// The path that a request asks for, decoded once, into bytes, as the kernel compares names: an overlong UTF-8 sequence, a
/// backslash or a second layer of percent-encoding is then nothing but a name that no file has.
/// </summary>
internal sealed class RequestPath
{
    // The longest that is appended: an index file's name, and the suffix of a compressed file.
    private const int Room = 64;

    private readonly byte[] _buffer;
    private readonly int _length;

    private RequestPath(byte[] buffer, int length, PathSafety safety, bool endsWithSlash)
    {
        _buffer = buffer;
        _length = length;
        Safety = safety;
        EndsWithSlash = endsWithSlash;
    }

    /// <summary>Whether it may be looked for.</summary>
    internal PathSafety Safety { get; }

    /// <summary>Whether it ends with a slash, as a folder's does.</summary>
    internal bool EndsWithSlash { get; }

    /// <summary>Whether it is the path of the folder itself.</summary>
    internal bool IsRoot => _length == 0;

    /// <summary>The parts with single slashes between them and none at the ends.</summary>
    internal ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>The last part.</summary>
    internal ReadOnlySpan<byte> Name => Bytes[(Bytes.LastIndexOf((byte)'/') + 1)..];

    /// <summary>The path as the system wants it: never empty, a zero at its end.</summary>
    internal ReadOnlySpan<byte> ForOpening => _length == 0 ? ".\0"u8 : _buffer.AsSpan(0, _length + 1);

    /// <summary>The path in URLs, with a slash before it, and after it if it is a folder's.</summary>
    internal string ToUrl(string prefix, bool folder)
    {
        string path = _length == 0 ? "" : $"/{PercentEncoding.Encode(Bytes)}";
        return folder ? $"{prefix}{path}/" : prefix + path;
    }

    /// <summary>The path of a file in this folder.</summary>
    internal RequestPath Child(ReadOnlySpan<byte> name)
    {
        byte[] buffer = new byte[_length + 1 + name.Length + Room];
        Bytes.CopyTo(buffer);
        int length = _length;
        if (length > 0)
        {
            buffer[length++] = (byte)'/';
        }

        name.CopyTo(buffer.AsSpan(length));
        return new RequestPath(buffer, length + name.Length, Safety, endsWithSlash: false);
    }

    /// <summary>The path of a file beside this one whose name has another suffix, for opening; valid until the next call.</summary>
    internal ReadOnlySpan<byte> ForOpeningWith(ReadOnlySpan<byte> suffix)
    {
        suffix.CopyTo(_buffer.AsSpan(_length));
        _buffer[_length + suffix.Length] = 0;
        return _buffer.AsSpan(0, _length + suffix.Length + 1);
    }

    /// <summary>Ends the use of what <see cref="ForOpeningWith"/> returned.</summary>
    internal void RemoveSuffix() => _buffer.AsSpan(_length).Clear();

    /// <summary>
    /// Reads a request's target. Null: it has no path, or the path is not below <paramref name="prefix"/>.
    /// </summary>
    /// <param name="target">The target as it stands in the request, in origin or absolute form (RFC 9112, section 3.2).</param>
    /// <param name="prefix">The path it must begin with, such as <c>/static</c>, or empty.</param>
    internal static RequestPath? Parse(string target, string prefix)
    {
        ReadOnlySpan<char> path = PathOf(target);
        if (path.IsEmpty)
        {
            return null;
        }

        byte[] buffer = new byte[path.Length + Room];
        int length = 0;
        int partStart = 0;
        int prefixLength = prefix.Length == 0 ? 0 : -1;
        int parts = 0;
        PathSafety safety = PathSafety.Safe;
        for (int i = 0; i <= path.Length; i++)
        {
            byte value = (byte)'/';
            bool separates = i == path.Length;
            if (!separates)
            {
                char character = path[i];
                if (character == '%')
                {
                    if (i + 2 >= path.Length || !byte.TryParse(path.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) || value == 0)
                    {
                        return prefixLength < 0 ? null : Unsafe(PathSafety.Malformed);
                    }

                    i += 2;
                    if (value == '/')
                    {
                        // No name has a slash in it.
                        safety = Worse(safety, PathSafety.Unservable);
                    }
                }
                else if (character is > '~' or < '!')
                {
                    return prefixLength < 0 ? null : Unsafe(PathSafety.Malformed);
                }
                else
                {
                    value = (byte)character;
                    separates = character == '/';
                }
            }

            if (!separates)
            {
                buffer[length++] = value;
                continue;
            }

            if (length > partStart)
            {
                safety = Worse(safety, SafetyOf(buffer.AsSpan(partStart, length - partStart), parts));
                parts++;
                if (prefixLength < 0 && !Continues(buffer.AsSpan(0, length), prefix, ref prefixLength))
                {
                    return null;
                }

                if (prefixLength == length)
                {
                    // The folder's own path begins behind the prefix, and so does what counts for its safety.
                    length = prefixLength = parts = 0;
                    safety = PathSafety.Safe;
                    partStart = 0;
                    continue;
                }

                if (i < path.Length)
                {
                    buffer[length++] = (byte)'/';
                }

                partStart = length;
            }
        }

        if (prefixLength < 0)
        {
            return null;
        }

        bool slash = path[^1] == '/';
        if (length > 0 && buffer[length - 1] == '/')
        {
            length--;
        }

        buffer.AsSpan(length).Clear();
        return new RequestPath(buffer, length, safety, slash);
    }

    /// <summary>Whether the parts read so far are those of the prefix, or its beginning.</summary>
    private static bool Continues(ReadOnlySpan<byte> read, string prefix, ref int prefixLength)
    {
        ReadOnlySpan<char> wanted = prefix.AsSpan(1);
        if (read.Length > wanted.Length)
        {
            return false;
        }

        for (int i = 0; i < read.Length; i++)
        {
            if (read[i] != wanted[i])
            {
                return false;
            }
        }

        if (read.Length == wanted.Length)
        {
            prefixLength = read.Length;
            return true;
        }

        return wanted[read.Length] == '/';
    }

    private static RequestPath Unsafe(PathSafety safety) => new(new byte[Room], 0, safety, endsWithSlash: false);

    private static PathSafety SafetyOf(ReadOnlySpan<byte> part, int index)
    {
        if (part[0] != '.')
        {
            return PathSafety.Safe;
        }

        if (part.SequenceEqual("."u8) || part.SequenceEqual(".."u8))
        {
            return PathSafety.Unservable;
        }

        return index == 0 && part.SequenceEqual(".well-known"u8) ? PathSafety.Safe : PathSafety.Hidden;
    }

    private static PathSafety Worse(PathSafety one, PathSafety other) => one > other ? one : other;

    private static ReadOnlySpan<char> PathOf(string target)
    {
        ReadOnlySpan<char> path = target;
        if (path.IsEmpty || path[0] != '/')
        {
            int authority = path.IndexOf("://", StringComparison.Ordinal);
            if (authority <= 0)
            {
                return [];
            }

            path = path[(authority + 3)..];
            int start = path.IndexOfAny('/', '?');
            path = start < 0 || path[start] == '?' ? "/" : path[start..];
        }

        int query = path.IndexOf('?');
        return query < 0 ? path : path[..query];
    }
}
