using System.Text;
using Darter.Server.Configuration;
using Darter.Server.Hub;
using Darter.Server.Hub.Redis;
using Darter.Testing;

namespace Darter.Server.Tests.Hub.Redis;

/// <summary>A hub that is connected to others over a real Redis.</summary>
internal sealed class RedisNode : IAsyncDisposable
{
    private readonly RedisBackplane _backplane;

    internal RedisNode(string url, TimeSpan? answerTimeout = null)
    {
        Assert.True(RedisAddress.TryParse(url, out RedisAddress? address, out string? error), error);
        HubConfig config = new() { IsOn = true, HistorySize = 10_000 };
        _backplane = new RedisBackplane(address, config, TimeProvider.System, new TypedLogger<RedisBackplane>(Log))
        {
            AnswerTimeout = answerTimeout ?? Wait.Patience,
        };
        Hub = new MessageHub(config, TimeProvider.System) { Backplane = _backplane };
        _backplane.Start(Hub);
    }

    internal CollectingLogger Log { get; } = new();

    internal MessageHub Hub { get; }

    internal string State => _backplane.State;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _backplane.DisposeAsync();

    internal Task<int> PublishAsync(string channel, string id) => Hub.PublishAsync(new HubItem
    {
        Channel = channel,
        Id = id,
        Stream = new HubStreamMessage(HubAction.Send, Encoding.UTF8.GetBytes(id)),
    });

    internal SharedListener Subscribe(string channel, string? lastId = null)
    {
        SharedListener listener = new();
        Assert.NotNull(Hub.Subscribe(listener, [new HubChannelRequest(channel)], lastId, out _));
        return listener;
    }

    /// <summary>Waits until the log says for the <paramref name="times"/>th time that items are shared.</summary>
    internal Task SharedAsync(int times = 1) => Wait.Until(
        () => Log.Lines.Count(line => line.StartsWith("Channels are shared", StringComparison.Ordinal)) >= times,
        () => $"channels to be shared:\n{string.Join('\n', Log.Lines)}");
}
