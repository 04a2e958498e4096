namespace Darter.Server.Caching;

/// <summary>Answers that the servers of several machines have together, behind the memory of each. Any thread.</summary>
internal interface ISharedAnswers
{
    /// <summary>Whether it is worth asking.</summary>
    bool IsAvailable { get; }

    /// <summary>Where they are, and how that is.</summary>
    string State { get; }

    /// <summary>What there is for a request. Never fails, and takes no long time.</summary>
    /// <param name="key">The target.</param>
    /// <param name="request">The request's fields, which must stay as they are.</param>
    Task<SharedAnswer> FetchAsync(string key, RequestFields request);

    /// <summary>Stores an answer, unless its target has changed, or answers were purged, since <paramref name="known"/> was fetched. Returns at once.</summary>
    void Store(string key, in RequestFields request, CachedAnswer answer, SharedAnswer known);

    /// <summary>Removes answers, here and at all other servers. Never fails: what cannot be removed now is before anything is used again.</summary>
    Task PurgeAsync(CachePurge purge);
}
