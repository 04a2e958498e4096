using Darter.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Hub.Redis;

/// <summary>Connects hubs over Redis: <c>--hub redis://...</c></summary>
internal sealed partial class RedisBackplane(RedisAddress address, HubConfig config, TimeProvider time, ILogger<RedisBackplane> logger)
    : IHubBackplane, IStreamReceiver
{
    // So many are kept also where --hub-history-size is less, lest a connection that is lost for a moment costs items.
    private const int LeastItems = 100;

    // Where --hub-history-age is without end: channels of which nothing has come for so long are gone.
    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(1);

    private readonly string _origin = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
    private MessageHub? _hub;
    private StreamBackplane? _streams;
    private int _unreadable;

    /// <summary>How long a connection may take to be made. Default: 5 s.</summary>
    internal TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long Redis may take to answer: so long does a publisher, or a client that comes, wait at most. Default: 2 s.</summary>
    internal TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public string State => _streams?.State ?? address.ToString();

    /// <inheritdoc/>
    public void Start(MessageHub hub)
    {
        _hub = hub;
        int items = Math.Max(config.HistorySize, LeastItems);
        TimeSpan age = config.HistoryAge > TimeSpan.Zero ? config.HistoryAge : LongestAge;
        RedisSettings settings = new()
        {
            Address = address,
            Items = items,
            Age = age,
            ConnectTimeout = ConnectTimeout,
            AnswerTimeout = AnswerTimeout,
        };
        RedisConnector connector = new(settings, _origin, time);
        StreamLimits limits = new()
        {
            Items = items,
            Age = age,
            Bytes = Math.Max(config.HistoryBytes, config.MaxMessage),
            Channels = (int)Math.Min(2L * config.MaxChannels, int.MaxValue),
            AnswerTimeout = AnswerTimeout,
        };
        _streams = new StreamBackplane(connector, _origin, this, limits, time, logger);
    }

    /// <inheritdoc/>
    public Task<int> PublishAsync(HubItem item) => _streams!.PublishAsync(item.Channel, HubItemJson.Write(item));

    /// <inheritdoc/>
    public Task? CatchUp(IEnumerable<string> channels)
    {
        if (_streams is null)
        {
            return null;
        }

        string[] names = [.. channels];
        foreach (string name in names)
        {
            if (config.HistorySize > 0 && _hub!.Channel(name) is { Subscribers: 0, History: 0 })
            {
                // The history was dropped, for lack of room for instance; the stream may have it still.
                _streams.Forget(name);
            }
        }

        return _streams.CatchUp(names);
    }

    /// <inheritdoc/>
    public int Deliver(string channel, ReadOnlyMemory<byte> data, StreamDelivery delivery, DateTimeOffset? published)
    {
        if (HubItemJson.TryRead(data, out string error) is not { } item)
        {
            if (Interlocked.Exchange(ref _unreadable, 1) == 0)
            {
                Log.Unreadable(logger, address.ToString(), error);
            }

            return 0;
        }

        item = published is null ? item : item with { PublishedAt = published };
        if (delivery == StreamDelivery.History)
        {
            _hub!.Restore(item);
            return 0;
        }

        return _hub!.Deliver(item, isMissed: delivery == StreamDelivery.CaughtUp);
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Subscribed() => _hub!.Subscribed();

    /// <inheritdoc/>
    public bool HasSubscribers(string channel) => _hub!.HasSubscribers(channel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _streams?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Server} (--hub) has items that cannot be read, which are left out: {Error}. Are all nodes of one version?")]
        internal static partial void Unreadable(ILogger logger, string server, string error);
    }
}
