using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Hub.Redis;

/// <summary>
/// Shares the items of channels between nodes, over streams that a server keeps: the order of a channel's stream is the order
/// in which all nodes deliver, and what a node has missed it reads from there. While the server is away, each node delivers
/// its own items at once and appends them when it is back.
/// </summary>
internal sealed partial class StreamBackplane : IAsyncDisposable
{
    private readonly IStreamConnector _connector;
    private readonly IStreamReceiver _receiver;
    private readonly StreamLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _origin;
    private readonly long _started;
    private readonly ConcurrentDictionary<string, ChannelStream> _streams = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _sweep;
    private readonly Task _run;
    private volatile IStreamSession? _session;
    private volatile string? _away;
    private long _sequence;
    private long _bytes;
    private long _dropped;
    private int _bounding;

    /// <summary>Begins to connect; returns at once.</summary>
    /// <param name="connector">The server.</param>
    /// <param name="origin">Names this run of this node; no other ever has the same.</param>
    /// <param name="receiver">The hub.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The operator's log.</param>
    internal StreamBackplane(
        IStreamConnector connector, string origin, IStreamReceiver receiver, StreamLimits limits, TimeProvider time, ILogger logger)
    {
        _connector = connector;
        _origin = origin;
        _receiver = receiver;
        _limits = limits;
        _time = time;
        _logger = logger;
        _started = time.GetTimestamp();
        TimeSpan sweep = TimeSpan.FromSeconds(Math.Clamp(limits.Age.TotalSeconds / 4, 1, 60));
        _sweep = time.CreateTimer(_ => Sweep(), null, sweep, sweep);
        _run = Task.Run(RunAsync);
    }

    /// <summary>Whether items reach the other nodes at present.</summary>
    internal bool IsConnected => _session is not null;

    /// <summary>Of how many channels it knows something.</summary>
    internal int Channels => _streams.Count;

    /// <summary>How it is, in a few words.</summary>
    internal string State => _away is { } reason ? $"{_connector.Name}: away, {reason}" : IsConnected ? $"{_connector.Name}: connected" : $"{_connector.Name}: connecting";

    private long Now => _time.GetElapsedTime(_started).Ticks;

    /// <summary>
    /// Publishes an item. It ends when this node's subscribers have it: usually when it has come back from the stream, else,
    /// because the server is away or takes longer than the timeout, without it. Never fails.
    /// </summary>
    /// <returns>How many subscribers of this node it reached.</returns>
    internal async Task<int> PublishAsync(string channel, ReadOnlyMemory<byte> data)
    {
        IStreamSession? session;
        OwnItem item;
        ChannelStream stream = Enter(channel);
        try
        {
            long now = Now;
            item = new OwnItem(Interlocked.Increment(ref _sequence), data, now);
            session = _session;
            bool open = session is not null && (stream.IsOpen(session) || stream.Own.Count == 0);
            if (open && !stream.IsOpen(session!))
            {
                stream.Open(session!, 0, _limits.Age);
            }

            stream.Add(item);
            Interlocked.Add(ref _bytes, item.Size);
            if (open)
            {
                stream.Append(session!, item, now, _limits.Age);
            }
            else
            {
                session = null;
                stream.DeliverOwn();
            }

            Trim(stream);
        }
        finally
        {
            stream.Lock.Exit();
        }

        Bound();
        if (session is not null && !item.Delivered)
        {
            await WaitAsync(session, stream, item).ConfigureAwait(false);
        }

        return await item.Delivery.ConfigureAwait(false);
    }

    /// <summary>
    /// To be called before a subscriber is added. When the task has ended, the channels' histories are those of the streams, and
    /// what follows is delivered. It takes the timeout at most, and never fails. Null: it is so already, or the server is away.
    /// </summary>
    internal Task? CatchUp(IEnumerable<string> channels)
    {
        List<Task>? syncing = null;
        foreach (string channel in channels)
        {
            ChannelStream stream = Enter(channel);
            try
            {
                stream.Want(Now);
                if (_session is { } session && !stream.IsSynced(session))
                {
                    (syncing ??= []).Add(stream.Syncing ??= SyncAsync(stream, session));
                }
            }
            finally
            {
                stream.Lock.Exit();
            }
        }

        Bound();
        return syncing is null ? null : Task.WhenAny(Task.WhenAll(syncing), Task.Delay(_limits.AnswerTimeout, _time));
    }

    /// <summary>Has a channel read from its beginning when it is needed again, because the hub has forgotten its history.</summary>
    internal void Forget(string channel)
    {
        if (_streams.TryGetValue(channel, out ChannelStream? stream))
        {
            lock (stream.Lock)
            {
                stream.Forget();
            }
        }
    }

    /// <summary>Ends the connection. Items that no other node has yet are lost.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _sweep.DisposeAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        int unsent = _streams.Values.Sum(stream => Locked(stream, () => stream.Own.Count(item => !item.Shared)));
        if (unsent > 0)
        {
            Log.Unsent(_logger, unsent, _connector.Name);
        }

        _stop.Dispose();
    }

    private static T Locked<T>(ChannelStream stream, Func<T> read)
    {
        lock (stream.Lock)
        {
            return read();
        }
    }

    private async Task WaitAsync(IStreamSession session, ChannelStream stream, OwnItem item)
    {
        try
        {
            await item.Delivery.WaitAsync(_limits.AnswerTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            session.Fail("no answer in time");
            lock (stream.Lock)
            {
                stream.DeliverOwn(item.Sequence);
            }
        }
    }

    // The stream of a channel, locked.
    private ChannelStream Enter(string channel)
    {
        while (true)
        {
            ChannelStream stream = _streams.GetOrAdd(
                channel,
                static (name, node) => new ChannelStream(name, node._origin, node._receiver, node.Now) { Since = node._time.GetUtcNow() },
                this);
            if (TryLock(stream))
            {
                return stream;
            }
        }
    }

    private static bool TryLock(ChannelStream stream)
    {
        stream.Lock.Enter();
        if (!stream.Retired)
        {
            return true;
        }

        stream.Lock.Exit();
        return false;
    }
}
