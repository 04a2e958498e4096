namespace Darter.Server.Caching;

/// <summary>
/// Tells answers that are older than a change: what was asked for before it and comes after it is not kept. Targets share
/// places, so now and then an answer is not kept that could be. Any thread.
/// </summary>
internal sealed class InvalidationClock
{
    private const int Size = 1024;

    private readonly long[] _changes = new long[Size];
    private long _time;
    private long _all;

    /// <summary>The moment, for <see cref="IsValid"/>: to be taken before the application is asked.</summary>
    internal long Now => Volatile.Read(ref _time);

    /// <summary>What a target had is out of date.</summary>
    internal void Change(int keyHash) => Volatile.Write(ref _changes[(uint)keyHash % Size], Interlocked.Increment(ref _time));

    /// <summary>Everything may be out of date.</summary>
    internal void ChangeAll() => Volatile.Write(ref _all, Interlocked.Increment(ref _time));

    /// <summary>Whether nothing has changed for a target since a moment.</summary>
    internal bool IsValid(int keyHash, long since) => Volatile.Read(ref _all) <= since && Volatile.Read(ref _changes[(uint)keyHash % Size]) <= since;
}
