namespace Darter.Server.SharedValues;

/// <summary>What clients have asked since the start. Any thread.</summary>
internal sealed class ValueTotals
{
    private long _gets;
    private long _hits;
    private long _sets;
    private long _tooLarge;
    private long _connections;
    private int _open;

    /// <summary>Keys that were asked for.</summary>
    internal long Gets => Volatile.Read(ref _gets);

    /// <summary>Keys that were asked for and had a value.</summary>
    internal long Hits => Volatile.Read(ref _hits);

    /// <summary>Values that clients wanted kept.</summary>
    internal long Sets => Volatile.Read(ref _sets);

    /// <summary>Values that were too large to be kept.</summary>
    internal long TooLarge => Volatile.Read(ref _tooLarge);

    /// <summary>Connections since the start.</summary>
    internal long Connections => Volatile.Read(ref _connections);

    /// <summary>Connections now.</summary>
    internal int Open => Volatile.Read(ref _open);

    internal void CountGets(int keys, int hits)
    {
        Interlocked.Add(ref _gets, keys);
        Interlocked.Add(ref _hits, hits);
    }

    internal void CountSet() => Interlocked.Increment(ref _sets);

    /// <summary>Counts a value that is too large; true: it is the first one.</summary>
    internal bool CountTooLarge() => Interlocked.Increment(ref _tooLarge) == 1;

    internal void CountOpened()
    {
        Interlocked.Increment(ref _connections);
        Interlocked.Increment(ref _open);
    }

    internal void CountClosed() => Interlocked.Decrement(ref _open);
}
