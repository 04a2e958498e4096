using System.Collections.Concurrent;
using System.Text;
using Darter.Server.Hub.Redis;
using Darter.Testing;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Tests.Hub.Redis;

/// <summary>A node: a backplane, and what it has delivered.</summary>
internal sealed class StreamNode : IStreamReceiver, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, List<string>> _delivered = new();
    private readonly HashSet<string> _subscribed;

    internal StreamNode(StreamServer server, string name, IEnumerable<string> subscribed, TimeSpan? answerTimeout = null, ILogger? logger = null, int items = 1000, long bytes = long.MaxValue, int channels = int.MaxValue)
    {
        Name = name;
        _subscribed = [.. subscribed];
        StreamLimits limits = new()
        {
            Items = items,
            Age = TimeSpan.FromMinutes(10),
            Bytes = bytes,
            Channels = channels,
            AnswerTimeout = answerTimeout ?? Wait.Patience,
            RetryAfter = TimeSpan.FromMilliseconds(1),
            RetryAtMost = TimeSpan.FromMilliseconds(5),
        };
        Backplane = new StreamBackplane(
            new StreamServerConnector(server), name, this, limits, TimeProvider.System, logger ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
    }

    internal string Name { get; }

    internal StreamBackplane Backplane { get; }

    /// <inheritdoc/>
    public int Deliver(string channel, ReadOnlyMemory<byte> data, StreamDelivery delivery, DateTimeOffset? published)
    {
        List<string> items = _delivered.GetOrAdd(channel, _ => []);
        lock (items)
        {
            items.Add((delivery == StreamDelivery.History ? "old " : "") + Encoding.UTF8.GetString(data.Span));
            return _subscribed.Contains(channel) ? 1 : 0;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Subscribed() => _subscribed;

    /// <inheritdoc/>
    public bool HasSubscribers(string channel) => _subscribed.Contains(channel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Backplane.DisposeAsync();

    internal Task<int> PublishAsync(string channel, string text) => Backplane.PublishAsync(channel, Encoding.UTF8.GetBytes(text));

    internal IReadOnlyList<string> Delivered(string channel)
    {
        List<string> items = _delivered.GetOrAdd(channel, _ => []);
        lock (items)
        {
            return [.. items];
        }
    }

    internal Task CatchUpAsync(string channel) => Backplane.CatchUp([channel]) ?? Task.CompletedTask;

    internal Task ConnectedAsync() => Wait.Until(() => Backplane.IsConnected, $"{Name} to be connected");
}
