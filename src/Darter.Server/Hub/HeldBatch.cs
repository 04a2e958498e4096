using System.Diagnostics;

namespace Darter.Server.Hub;

/// <summary>
/// What is written to one client at a time, in memory that all have together: one write of the socket, and none of their own
/// while nothing is sent. On the loop.
/// </summary>
internal sealed class HeldBatch
{
    // Up to eight digits, and the end of the line.
    private const int HeadRoom = 10;
    private const int UsualSize = 4096;

    // A message may be larger; its memory is not kept.
    private const int MostKept = 256 * 1024;

    private byte[] _bytes = new byte[UsualSize];
    private int _end = HeadRoom;

    /// <summary>Whether there is nothing.</summary>
    internal bool IsEmpty => _end == HeadRoom;

    /// <summary>Adds bytes.</summary>
    internal void Add(ReadOnlySpan<byte> bytes)
    {
        // The end of a chunk is always room for.
        int needed = _end + bytes.Length + 2;
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        }

        bytes.CopyTo(_bytes.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>All as one chunk (RFC 9112, 7.1); valid until something is added or <see cref="Clear"/>.</summary>
    internal ReadOnlySpan<byte> AsChunk()
    {
        Debug.Assert(!IsEmpty, "An empty chunk is the last one.");
        Span<byte> digits = stackalloc byte[8];
        (_end - HeadRoom).TryFormat(digits, out int count, "x");
        int start = HeadRoom - 2 - count;
        digits[..count].CopyTo(_bytes.AsSpan(start));
        "\r\n"u8.CopyTo(_bytes.AsSpan(HeadRoom - 2));
        "\r\n"u8.CopyTo(_bytes.AsSpan(_end));
        return _bytes.AsSpan(start, _end + 2 - start);
    }

    /// <summary>All as it is; valid until something is added or <see cref="Clear"/>.</summary>
    internal ReadOnlySpan<byte> AsBytes() => _bytes.AsSpan(HeadRoom, _end - HeadRoom);

    /// <summary>Forgets it.</summary>
    internal void Clear()
    {
        _end = HeadRoom;
        if (_bytes.Length > MostKept)
        {
            _bytes = new byte[UsualSize];
        }
    }
}
