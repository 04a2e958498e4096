using Darter.Server.Caching;
using Darter.Server.Configuration;
using Darter.Server.Control;
using Microsoft.Extensions.Logging;

namespace Darter.Server;

/// <summary>The cache of the application's answers.</summary>
public sealed partial class FrontServer
{
    private readonly AnswerCache? _cache;

    /// <summary>Removes answers from the cache.</summary>
    public Task<PurgeOutcome> PurgeCacheAsync(PurgeOrder order) => Task.Run(() => PurgeAsync(order));

    private AnswerCache? CreateCache(ServerConfig config)
    {
        if (!config.Cache.IsOn)
        {
            return null;
        }

        if (config.LiveReload)
        {
            Log.NoCacheInDevelopment(_logger);
            return null;
        }

        AnswerCache cache = new(config.Cache, _loops.Loops[0], TimeProvider.System, _loggers.CreateLogger<AnswerCache>());
        cache.Encoding = _compression is { } compression ? new AnswerEncoding(compression.Rules, cache.Store) : null;
        return cache;
    }

    /// <summary>Puts Redis behind the cache, if that is wanted.</summary>
    private void ShareCache()
    {
        if (_cache is { } cache && _cacheRedis is { } link)
        {
            cache.Shared = new RedisAnswers(link, cache.Clock, cache.Apply, _loggers.CreateLogger<RedisAnswers>());
        }
    }

    private async Task<PurgeOutcome> PurgeAsync(PurgeOrder order)
    {
        if (_cache is not { } cache)
        {
            return new PurgeOutcome(null, "the server has no cache (--cache)");
        }

        string?[] given = [order.Url, order.Prefix, order.Tag, order.All ? "" : null];
        if (given.Count(what => what is not null) != 1)
        {
            return new PurgeOutcome(null, "one of url, prefix, tag and all must say what is to be purged");
        }

        CachePurge? purge = order switch
        {
            { Url: { } url } => AnswerCache.PurgeOfUrl(url),
            { Prefix: { } prefix } => AnswerCache.PurgeOfPrefix(prefix),
            { Tag: { } tag } => new CachePurge(PurgeKind.Tag, tag),
            _ => CachePurge.All,
        };
        return purge is { } known
            ? new PurgeOutcome(await cache.PurgeAsync(known).ConfigureAwait(false))
            : new PurgeOutcome(null, $"'{order.Url ?? order.Prefix}' is neither a path, such as /news, nor an address, such as https://example.org/news");
    }

    private CacheStatus? DescribeCache() => _cache is not { } cache ? null : new CacheStatus
    {
        Size = cache.Size,
        Bytes = cache.Store.Bytes,
        Answers = cache.Store.Count,
        Hits = cache.Totals.Hits,
        StaleHits = cache.Totals.StaleHits,
        Misses = cache.Totals.Misses,
        Collapsed = cache.Totals.Collapsed,
        Revalidated = cache.Totals.Revalidated,
        Stored = cache.Totals.Stored,
        Evicted = cache.Store.Evictions,
        Purged = cache.Totals.Purged,
        Fetched = cache.Totals.Fetched,
        Backend = cache.Shared?.State,
    };
}
