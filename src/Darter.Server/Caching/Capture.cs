namespace Darter.Server.Caching;

/// <summary>Collects the body of an answer, in memory that is reserved of the store's. One thread at a time.</summary>
/// <param name="store">Whose memory it takes.</param>
/// <param name="expected">The body's length, or -1.</param>
/// <param name="most">Most bytes of a body.</param>
internal sealed class Capture(AnswerStore store, long expected, long most)
{
    // Below the size from which on the garbage collector keeps objects apart, and does not move them.
    private const int PieceSize = 64 * 1024;
    private const int FirstPiece = 4 * 1024;

    private readonly List<byte[]> _pieces = [];
    private byte[] _last = [];
    private int _used;
    private long _reserved;

    /// <summary>Bytes collected.</summary>
    internal long Length { get; private set; }

    /// <summary>Whether the body has the length that was announced.</summary>
    internal bool IsComplete => expected < 0 || expected == Length;

    /// <summary>Takes a piece; false: it is too much, or there is no memory.</summary>
    internal bool TryAdd(ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length > (expected >= 0 ? expected : most))
        {
            return false;
        }

        while (!bytes.IsEmpty)
        {
            if (_used == _last.Length && !TryGrow(bytes.Length))
            {
                return false;
            }

            int count = Math.Min(bytes.Length, _last.Length - _used);
            bytes[..count].CopyTo(_last.AsSpan(_used));
            bytes = bytes[count..];
            _used += count;
            Length += count;
        }

        return true;
    }

    /// <summary>The body in pieces that are full; the memory is not reserved any more.</summary>
    internal byte[][] Finish()
    {
        if (_used < _last.Length)
        {
            _pieces[^1] = _last[.._used];
        }

        Release();
        return [.. _pieces];
    }

    /// <summary>Gives up the reservation.</summary>
    internal void Release()
    {
        store.Release(_reserved);
        _reserved = 0;
    }

    private bool TryGrow(int needed)
    {
        int size = (int)Math.Min(PieceSize, expected >= 0 ? expected - Length : Math.Max(FirstPiece, Math.Max(needed, _last.Length * 2L)));
        if (!store.TryReserve(size))
        {
            return false;
        }

        _reserved += size;
        _last = new byte[size];
        _used = 0;
        _pieces.Add(_last);
        return true;
    }
}
