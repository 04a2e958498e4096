using Darter.Server.Configuration;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Darter.Server.Redis;

/// <summary>
/// The caches' connection to Redis. What is asked while there is none, or is not answered in time, has an answer that the caller
/// gives; the connection is given up with the first failure, so that nobody else waits for one that does not work.
/// </summary>
internal sealed partial class RedisLink : IAsyncDisposable
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_retryAtMost = TimeSpan.FromSeconds(5);

    private readonly RedisAddress _address;
    private readonly RedisOpener _opener;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Func<ConnectionMultiplexer, Task>> _begin = [];
    private volatile Session? _session;
    private volatile string? _away;
    private Task _run = Task.CompletedTask;

    /// <param name="address">The server.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The operator's log.</param>
    internal RedisLink(RedisAddress address, TimeProvider time, ILogger logger)
    {
        _address = address;
        _time = time;
        _logger = logger;
        _opener = new RedisOpener(address, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2), time);
    }

    /// <summary>How long an answer may take. Default: half a second, since clients wait for it.</summary>
    internal TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often it is checked whether an idle connection still works. Default: 5 s.</summary>
    internal TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether there is a connection.</summary>
    internal bool IsConnected => _session is not null;

    /// <summary>The server and how the connection is, in a few words.</summary>
    internal string State => _away is { } reason ? $"{_address}: away, {reason}" : IsConnected ? $"{_address}: connected" : $"{_address}: connecting";

    /// <summary>The number of the database, for names that know none.</summary>
    internal int Database => _address.Database;

    /// <summary>Has something done with each new connection before it is used. To be called before the start.</summary>
    internal void BeginWith(Func<ConnectionMultiplexer, Task> begin) => _begin.Add(begin);

    /// <summary>Begins to connect; returns at once.</summary>
    internal void Start() => _run = Task.Run(RunAsync);

    /// <summary>Asks Redis; without an answer, gives <paramref name="otherwise"/>. Never fails.</summary>
    internal async ValueTask<T> AskAsync<T>(Func<IDatabase, Task<T>> ask, T otherwise)
    {
        if (_session is not { } session)
        {
            return otherwise;
        }

        try
        {
            return await ask(session.Database).WaitAsync(AnswerTimeout, _time).ConfigureAwait(false);
        }
        catch (RedisServerException exception)
        {
            // It is there, but does not do this: it has no memory left, say, or is a replica.
            if (session.IsFirstRefusal())
            {
                LogRefused(_logger, _address.ToString(), RedisOpener.Explain(exception));
            }
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException)
        {
            session.Fail(RedisOpener.Explain(exception));
            Interlocked.CompareExchange(ref _session, null, session);
        }

        return otherwise;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        TimeSpan wait = s_retryAfter;
        while (!_stop.IsCancellationRequested)
        {
            string reason;
            try
            {
                ConnectionMultiplexer connection = await _opener.OpenAsync(BeginAsync, _stop.Token).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    Session session = new(connection);
                    wait = s_retryAfter;
                    _session = session;
                    _away = null;
                    LogConnected(_logger, _address.ToString());
                    reason = await CheckAsync(session).ConfigureAwait(false);
                    _session = null;
                }
            }
            catch (IOException exception)
            {
                reason = exception.Message;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }

            if (_stop.IsCancellationRequested)
            {
                break;
            }

            // The state first: who has read the log may ask for it.
            bool isNew = _away is null;
            _away = reason;
            if (isNew)
            {
                LogAway(_logger, _address.ToString(), reason);
            }

            // Not all machines at the same moment.
            await Task.Delay(wait * (0.75 + (Random.Shared.NextDouble() / 2)), _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, s_retryAtMost.Ticks));
        }
    }

    private async Task<ConnectionMultiplexer> BeginAsync(ConnectionMultiplexer connection)
    {
        // A server that is stopped takes connections, but answers nothing.
        await connection.GetDatabase().PingAsync().ConfigureAwait(false);
        foreach (Func<ConnectionMultiplexer, Task> begin in _begin)
        {
            await begin(connection).ConfigureAwait(false);
        }

        return connection;
    }

    /// <summary>Looks after a connection until it is lost; why that is.</summary>
    private async Task<string> CheckAsync(Session session)
    {
        while (!_stop.IsCancellationRequested)
        {
            Task delay = Task.Delay(CheckInterval, _time, _stop.Token);
            if (await Task.WhenAny(session.Lost, delay).ConfigureAwait(false) == session.Lost)
            {
                return await session.Lost.ConfigureAwait(false);
            }

            await AskAsync(async database => await database.PingAsync().ConfigureAwait(false), TimeSpan.Zero).ConfigureAwait(false);
            await AskAsync(async database => await database.Multiplexer.GetSubscriber().PingAsync().ConfigureAwait(false), TimeSpan.Zero).ConfigureAwait(false);
        }

        return "closed";
    }

    [LoggerMessage(440, LogLevel.Information, "Connected to {Server} (--cache-redis)")]
    private static partial void LogConnected(ILogger logger, string server);

    [LoggerMessage(441, LogLevel.Warning, "{Server} (--cache-redis) is away: {Reason}. Until it is back, shared values are missing and answers are not shared")]
    private static partial void LogAway(ILogger logger, string server, string reason);

    [LoggerMessage(442, LogLevel.Warning, "{Server} (--cache-redis) does not do what it is asked: {Reason}")]
    private static partial void LogRefused(ILogger logger, string server, string reason);

    /// <summary>A connection, until the first thing fails.</summary>
    private sealed class Session
    {
        private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _refusals;

        internal Session(ConnectionMultiplexer connection)
        {
            Database = connection.GetDatabase();
            connection.ConnectionFailed += (_, failure) => Fail(failure.Exception is { } exception ? RedisOpener.Explain(exception) : "the connection is lost");
            if (!connection.IsConnected)
            {
                Fail("the connection is lost");
            }
        }

        internal IDatabase Database { get; }

        /// <summary>Ends with the reason when it is lost.</summary>
        internal Task<string> Lost => _lost.Task;

        internal void Fail(string reason) => _lost.TrySetResult(reason);

        internal bool IsFirstRefusal() => Interlocked.Exchange(ref _refusals, 1) == 0;
    }
}
