namespace Darter.Server.Hub.Redis;

/// <summary>The hub of this node, as the streams see it. The calls come from any thread, those of one channel one at a time.</summary>
internal interface IStreamReceiver
{
    /// <summary>Takes an item: into the channel's history and, if it is <paramref name="live"/>, to its subscribers.</summary>
    /// <returns>How many subscribers it reached.</returns>
    int Deliver(string channel, ReadOnlyMemory<byte> data, bool live);

    /// <summary>The channels that have subscribers.</summary>
    IReadOnlyCollection<string> Subscribed();

    /// <summary>Whether a channel has subscribers.</summary>
    bool HasSubscribers(string channel);
}
