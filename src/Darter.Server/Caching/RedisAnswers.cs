using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Darter.Server.Redis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Darter.Server.Caching;

/// <summary>
/// Answers in Redis, behind the memory of each server. For a target there is a hash: <c>v</c> has the names of its Vary, and
/// each answer is under a digest of the request's fields that these name. Purges are a list (<see cref="PurgeList"/>), which answers are held
/// against when they are fetched, and are told to all servers; one that may have missed some, since its connection was lost, forgets what it
/// has in memory.
/// </summary>
internal sealed partial class RedisAnswers : ISharedAnswers
{
    // All in one slot of a cluster, since scripts use several of them.
    private const string Prefix = "darter:{answers}:";
    private const string Purges = Prefix + "purges";
    private const string Run = Prefix + "run";
    private const int MostPurges = 1000;

    // Longer than any request of the application takes, which must not store what it has made before its target changed.
    private const long VersionTime = 3_600_000;

    // Of answers on their way to Redis: what waits there must not hold up what clients wait for.
    private const long MostPending = 8 * 1024 * 1024;

    private readonly RedisLink _link;
    private readonly CacheClock _clock;
    private readonly Func<CachePurge, int> _apply;
    private readonly ILogger _logger;
    private readonly RedisChannel _topic;
    private volatile PurgeList _purges = new([]);
    private long _pending;
    private long _timeOffset;
    private int _missed;
    private volatile bool _isAllowed;

    /// <param name="link">The connection, which is not started yet.</param>
    /// <param name="clock">The cache's clock.</param>
    /// <param name="apply">Removes answers from this server's memory.</param>
    /// <param name="logger">The operator's log.</param>
    internal RedisAnswers(RedisLink link, CacheClock clock, Func<CachePurge, int> apply, ILogger logger)
    {
        _logger = logger;
        _link = link;
        _clock = clock;
        _apply = apply;
        _topic = RedisChannel.Literal($"darter:answers@{link.Database}");
        link.BeginWith(BeginAsync);
    }

    /// <inheritdoc/>
    public bool IsAvailable => _isAllowed && _link.IsConnected;

    /// <inheritdoc/>
    public string State => _link.State;

    /// <summary>The time that servers have in common, in milliseconds.</summary>
    private long Now => _clock.Milliseconds + Volatile.Read(ref _timeOffset);

    /// <inheritdoc/>
    public Task<SharedAnswer> FetchAsync(string key, RequestFields request) =>
        _link.AskAsync(database => FetchAsync(database, key, request), SharedAnswer.Unknown).AsTask();

    /// <inheritdoc/>
    public void Store(string key, in RequestFields request, CachedAnswer answer, SharedAnswer known)
    {
        if (known.State is not { } state)
        {
            return;
        }

        if (Interlocked.Add(ref _pending, answer.Length) > MostPending)
        {
            Interlocked.Add(ref _pending, -answer.Length);
            return;
        }

        // With what others tell answers apart by: telling apart more than is needed is safe.
        string[] names = [.. answer.Resource!.VaryNames.Select(name => name.ToLowerInvariant()).Union(known.Vary).Order(StringComparer.Ordinal)];
        string variant = Variant(request, names);
        _ = Task.Run(async () =>
        {
            try
            {
                await _link.AskAsync(database => StoreAsync(database, key, names, variant, answer, state), false).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Add(ref _pending, -answer.Length);
            }
        });
    }

    /// <inheritdoc/>
    public Task PurgeAsync(CachePurge purge) => Task.Run(async () =>
    {
        if (!await _link.AskAsync(database => PurgeAsync(database, purge), false).ConfigureAwait(false))
        {
            // The others have to be told later, and what is in Redis must go before it is used again.
            Volatile.Write(ref _missed, 1);
        }
    });

    private static RedisKey Version(string key) => $"{Prefix}version:{key}";

    private static RedisKey Resource(string key) => $"{Prefix}of:{key}";

    private static string Variant(in RequestFields request, string[] names) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.Describe(names))));

    /// <summary>What is written beside an answer, so that it is taken for no other one's.</summary>
    private static string Place(string key, string variant) => $"{key}\n{variant}";

    private async Task<SharedAnswer> FetchAsync(IDatabase database, string key, RequestFields request)
    {
        RedisResult[] found = (RedisResult[])(await database.ScriptEvaluateAsync(SharedAnswerScripts.Fetch, [Purges, Version(key), Resource(key)], [MostPurges]).ConfigureAwait(false))!;
        string newest = (string)found[0]!;
        long time = long.Parse((string)found[2]!, CultureInfo.InvariantCulture) / 1000;
        Volatile.Write(ref _timeOffset, time - _clock.Milliseconds);
        SharedAnswer known = new()
        {
            State = $"{newest} {(string)found[1]!}",
            Vary = (string?)found[3] is { Length: > 0 } names ? names.Split(',') : [],
        };
        if (found[3].IsNull)
        {
            return known;
        }

        string variant = Variant(request, known.Vary);
        byte[]? data = (byte[]?)await database.HashGetAsync(Resource(key), variant).ConfigureAwait(false);
        if (data is null || AnswerCodec.TryRead(data, Place(key, variant), _clock.Milliseconds, time) is not { } read)
        {
            return known;
        }

        return read.Number == newest || (await PurgesAsync(database, newest).ConfigureAwait(false)).Allows(read.Number, key, read.Answer.Tags)
            ? known with { Answer = read.Answer }
            : known;
    }

    private async Task<bool> StoreAsync(IDatabase database, string key, string[] names, string variant, CachedAnswer answer, string state)
    {
        Freshness freshness = answer.Freshness;
        long age = freshness.AgeAt(_clock.Milliseconds);
        long time = freshness.Lifetime - age + Math.Max(freshness.StaleWhileRevalidate, freshness.StaleIfError);
        if (time <= 0)
        {
            return false;
        }

        string[] parts = state.Split(' ');
        byte[] data = AnswerCodec.Write(answer, Place(key, variant), parts[0], age, Now);
        RedisValue[] values = [parts[0], parts[1], string.Join(',', names), variant, data, time, CacheResource.MostVariants];
        return (bool)await database.ScriptEvaluateAsync(SharedAnswerScripts.Store, [Purges, Version(key), Resource(key)], values).ConfigureAwait(false);
    }

    private async Task<bool> PurgeAsync(IDatabase database, CachePurge purge)
    {
        await (purge.Kind == PurgeKind.Key
            ? database.ScriptEvaluateAsync(SharedAnswerScripts.Change, [Purges, Version(purge.Value), Resource(purge.Value)], [purge.ToString(), VersionTime, _topic.ToString()])
            : database.ScriptEvaluateAsync(SharedAnswerScripts.Purge, [Purges], [purge.ToString(), MostPurges, _topic.ToString()])).ConfigureAwait(false);
        return true;
    }

    /// <summary>The purges up to one, as they are known here or in Redis.</summary>
    private async Task<PurgeList> PurgesAsync(IDatabase database, string newest)
    {
        PurgeList purges = _purges;
        if (purges.Newest != newest)
        {
            _purges = purges = new PurgeList([.. (await database.ListRangeAsync(Purges).ConfigureAwait(false)).Select(item => item.ToString())]);
        }

        return purges;
    }

    /// <summary>Begins with a connection: what was purged meanwhile is not known, so that nothing in memory is right any more.</summary>
    private async Task BeginAsync(ConnectionMultiplexer connection)
    {
        _isAllowed = false;
        bool missed = Interlocked.Exchange(ref _missed, 0) == 1;
        try
        {
            ChannelMessageQueue queue = await connection.GetSubscriber().SubscribeAsync(_topic).ConfigureAwait(false);

            // Its own ones, too: meanwhile it may have fetched what was purged.
            queue.OnMessage(message => _apply(CachePurge.Parse(message.Message.ToString())));
            await connection.GetDatabase().ScriptEvaluateAsync(
                SharedAnswerScripts.Begin, [Purges, Run], [missed ? "1" : "0", MostPurges, _topic.ToString()]).ConfigureAwait(false);
            missed = false;
            _isAllowed = true;
        }
        catch (RedisServerException exception)
        {
            // The rest of what the connection is for may be allowed.
            LogNotAllowed(_logger, RedisOpener.Explain(exception));
        }
        finally
        {
            if (missed)
            {
                Volatile.Write(ref _missed, 1);
            }
        }

        _apply(CachePurge.All);
    }

    [LoggerMessage(443, LogLevel.Warning, "Answers are not shared (--cache-redis), since Redis does not do what it is asked: {Reason}")]
    private static partial void LogNotAllowed(ILogger logger, string reason);
}
