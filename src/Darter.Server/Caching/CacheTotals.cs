namespace Darter.Server.Caching;

/// <summary>What is counted. Any thread.</summary>
internal sealed class CacheTotals
{
    private long _hits;
    private long _staleHits;
    private long _misses;
    private long _collapsed;
    private long _revalidated;
    private long _stored;
    private long _purged;
    private long _fetched;

    /// <summary>Requests that were answered from the store, with nobody asked; the stale ones included.</summary>
    internal long Hits => Volatile.Read(ref _hits);

    /// <summary>Requests that were answered with something stale, while a newer one was asked for or could not be had.</summary>
    internal long StaleHits => Volatile.Read(ref _staleHits);

    /// <summary>Requests that went to the application.</summary>
    internal long Misses => Volatile.Read(ref _misses);

    /// <summary>Requests that waited for the answer to another and were answered with it.</summary>
    internal long Collapsed => Volatile.Read(ref _collapsed);

    /// <summary>Answers that the application said are still right.</summary>
    internal long Revalidated => Volatile.Read(ref _revalidated);

    /// <summary>Answers that were put into the store.</summary>
    internal long Stored => Volatile.Read(ref _stored);

    /// <summary>Answers that were removed since they were purged or something changed.</summary>
    internal long Purged => Volatile.Read(ref _purged);

    /// <summary>Answers that another server had kept.</summary>
    internal long Fetched => Volatile.Read(ref _fetched);

    internal void CountFetched() => Interlocked.Increment(ref _fetched);

    internal void CountHit() => Interlocked.Increment(ref _hits);

    internal void CountStaleHit() => Interlocked.Increment(ref _staleHits);

    internal void CountMiss() => Interlocked.Increment(ref _misses);

    internal void CountCollapsed() => Interlocked.Increment(ref _collapsed);

    internal void CountRevalidated() => Interlocked.Increment(ref _revalidated);

    internal void CountStored() => Interlocked.Increment(ref _stored);

    internal void CountPurged(int answers) => Interlocked.Add(ref _purged, answers);
}
