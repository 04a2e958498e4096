namespace Darter.Server.Observability;

/// <summary>Entries that wait for a log's thread, in memory that is used again.</summary>
internal sealed class LogBatch
{
    private const int KeptBytes = 256 * 1024;

    private byte[] _bytes = new byte[4096];
    private int[] _ends = new int[64];

    internal int Length { get; private set; }

    internal int Count { get; private set; }

    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    internal ReadOnlySpan<int> Ends => _ends.AsSpan(0, Count);

    internal void Add(ReadOnlySpan<byte> entry)
    {
        if (_bytes.Length - Length < entry.Length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, Length + entry.Length));
        }

        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, 2 * Count);
        }

        entry.CopyTo(_bytes.AsSpan(Length));
        Length += entry.Length;
        _ends[Count++] = Length;
    }

    internal void Clear()
    {
        Length = Count = 0;
        if (_bytes.Length > KeptBytes)
        {
            // A burst is over; its memory is not needed for ever.
            _bytes = new byte[4096];
            _ends = new int[64];
        }
    }
}
