namespace Darter.Server.Control;

/// <summary>The cache of a running server, and what was counted since its start.</summary>
public sealed record CacheStatus
{
    /// <summary>Bytes that it may take.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes that it takes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Answers in it.</summary>
    public required int Answers { get; init; }

    /// <summary>Requests that were answered from it, with nobody asked.</summary>
    public required long Hits { get; init; }

    /// <summary>Requests that were answered with something stale, since that was allowed.</summary>
    public required long StaleHits { get; init; }

    /// <summary>Requests to the application, those for newer answers included.</summary>
    public required long Misses { get; init; }

    /// <summary>Requests that waited for the answer to another one and were answered with it.</summary>
    public required long Collapsed { get; init; }

    /// <summary>Answers that the application said are still right.</summary>
    public required long Revalidated { get; init; }

    /// <summary>Answers that were put into it.</summary>
    public required long Stored { get; init; }

    /// <summary>Answers that had to go since there was no room.</summary>
    public required long Evicted { get; init; }

    /// <summary>Answers that were purged, or removed since a request changed something.</summary>
    public required long Purged { get; init; }

    /// <summary>Answers that another server had kept in Redis.</summary>
    public long Fetched { get; init; }

    /// <summary>The server behind it, and how the connection is; null: there is none.</summary>
    public string? Backend { get; init; }
}
