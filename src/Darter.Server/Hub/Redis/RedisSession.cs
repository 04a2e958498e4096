using System.Net;
using Darter.Server.Redis;
using StackExchange.Redis;

namespace Darter.Server.Hub.Redis;

/// <summary>A connection to Redis, until the first thing fails.</summary>
internal sealed class RedisSession : IStreamSession
{
    // Pushed items that wait to be delivered. Beyond it the connection is given up, and what was missed is read from the streams.
    private const int MostWaiting = 10_000;

    private readonly ConnectionMultiplexer _connection;
    private readonly RedisSettings _settings;
    private readonly RedisKeys _keys;
    private readonly string _origin;
    private readonly TimeProvider _time;
    private readonly IDatabase _database;
    private readonly CancellationTokenSource _lost = new();
    private readonly RedisValue _topic;
    private readonly long _age;
    private readonly long _remembered;
    private byte[] _append = [];
    private string? _reason;
    private Task _checking = Task.CompletedTask;

    internal RedisSession(ConnectionMultiplexer connection, RedisSettings settings, string origin, TimeProvider time)
    {
        _connection = connection;
        _settings = settings;
        _keys = new RedisKeys(settings.Prefix, settings.Address.Database);
        _origin = origin;
        _time = time;
        _database = connection.GetDatabase();
        _topic = (string?)_keys.Topic;
        _age = (long)settings.Age.TotalMilliseconds;
        _remembered = (long)StreamLimits.RememberedFor(settings.Age).TotalMilliseconds;
        Lost = _lost.Token;
    }

    /// <inheritdoc/>
    public CancellationToken Lost { get; }

    /// <inheritdoc/>
    public string Reason => _reason ?? "";

    /// <summary>Has items pushed, and sees that Redis takes writes.</summary>
    internal async Task BeginAsync(Action<IStreamSession, StreamPush> pushed)
    {
        _connection.ConnectionFailed += (_, failure) => Fail(failure.Exception is { } exception ? RedisOpener.Explain(exception) : "the connection is lost");
        EndPoint[] endPoints = _connection.GetEndPoints();
        foreach (EndPoint endPoint in endPoints.Length > 1 ? _connection.GetEndPoints(configuredOnly: false) : endPoints)
        {
            IServer server = _connection.GetServer(endPoint);
            if (server is { IsConnected: true, IsReplica: false })
            {
                _append = await server.ScriptLoadAsync(RedisScript.Append).ConfigureAwait(false);
            }
        }

        await CheckWritesAsync().ConfigureAwait(false);
        ChannelMessageQueue queue = await _connection.GetSubscriber().SubscribeAsync(_keys.Topic).ConfigureAwait(false);
        queue.OnMessage(message =>
        {
            if (RedisPush.TryParse((byte[])message.Message!, out StreamPush? push))
            {
                pushed(this, push.Value);
            }

            if (queue.TryGetCount(out int waiting) && waiting > MostWaiting)
            {
                Fail("items come faster than they can be delivered");
            }
        });
        _checking = CheckAsync();
    }

    /// <inheritdoc/>
    public void Append(string channel, string origin, long sequence, long? after, ReadOnlyMemory<byte> data)
    {
        try
        {
            // The calls are pipelined in their order; the answer is waited for elsewhere.
            Task<RedisResult> answer = _database.ScriptEvaluateAsync(
                _append,
                [_keys.Stream(channel), _keys.Stored(channel, origin)],
                [_topic, channel, origin, sequence, after is { } number ? number : "", data, _settings.Items, _age, _remembered]);
            _ = ObserveAsync(answer);
        }
        catch (Exception exception) when (exception is RedisException or ObjectDisposedException)
        {
            Fail(RedisOpener.Explain(exception));
        }
    }

    /// <inheritdoc/>
    public Task<long> StoredAsync(string channel, string origin) => AskAsync(async () =>
        (long?)await _database.StringGetAsync(_keys.Stored(channel, origin)).ConfigureAwait(false) ?? 0);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StreamEntry>> ReadAsync(string channel, StreamId after, int most) => AskAsync<IReadOnlyList<StreamEntry>>(async () =>
    {
        RedisValue from = new StreamId(after.Milliseconds, after.Number + 1).ToString();
        return Entries(await _database.StreamRangeAsync(_keys.Stream(channel), from, "+", most).ConfigureAwait(false));
    });

    /// <inheritdoc/>
    public void Fail(string reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            // Not on this thread: it may be one of the library's, which must go on.
            _ = Task.Run(_lost.Cancel);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Fail("closed");
        await _checking.ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private static List<StreamEntry> Entries(StackExchange.Redis.StreamEntry[] entries)
    {
        List<StreamEntry> read = new(entries.Length);
        foreach (StackExchange.Redis.StreamEntry entry in entries)
        {
            if (StreamId.TryParse((string?)entry.Id, out StreamId id) && (string?)entry["n"] is { } origin && entry["s"].TryParse(out long sequence)
                && (byte[]?)entry["d"] is { } data)
            {
                read.Add(new StreamEntry(id, origin, sequence, data));
            }
        }

        return read;
    }

    private async Task ObserveAsync(Task<RedisResult> answer)
    {
        try
        {
            await answer.ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            Fail(RedisOpener.Explain(exception));
        }
    }

    private async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            string reason = RedisOpener.Explain(exception);
            Fail(reason);
            throw new IOException(reason, exception);
        }
    }

    // A server that has stopped answering without closing is noticed here, also when nothing is published.
    private async Task CheckAsync()
    {
        try
        {
            using PeriodicTimer timer = new(_settings.CheckInterval, _time);
            while (await timer.WaitForNextTickAsync(Lost).ConfigureAwait(false))
            {
                await CheckWritesAsync().ConfigureAwait(false);
                await _connection.GetSubscriber().PingAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (Lost.IsCancellationRequested)
        {
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            Fail(RedisOpener.Explain(exception));
        }
    }

    private Task<bool> CheckWritesAsync() => _database.StringSetAsync(_keys.Node(_origin), RedisValue.EmptyString, _settings.CheckInterval * 3);

    private static bool IsFailure(Exception exception) =>
        exception is RedisException or TimeoutException or ObjectDisposedException or TaskCanceledException;
}
