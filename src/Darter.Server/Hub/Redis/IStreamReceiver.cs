namespace Darter.Server.Hub.Redis;

/// <summary>The hub of this node, as the streams see it. The calls come from any thread, those of one channel one at a time.</summary>
internal interface IStreamReceiver
{
    /// <summary>Takes an item.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="data">The item.</param>
    /// <param name="delivery">How it came.</param>
    /// <param name="published">When it was put into the stream, by the server's clock; null: now.</param>
    /// <returns>How many subscribers it reached.</returns>
    int Deliver(string channel, ReadOnlyMemory<byte> data, StreamDelivery delivery, DateTimeOffset? published);

    /// <summary>The channels that have subscribers.</summary>
    IReadOnlyCollection<string> Subscribed();

    /// <summary>Whether a channel has subscribers.</summary>
    bool HasSubscribers(string channel);
}
