namespace Darter.Server.Hub;

/// <summary>An item of the history.</summary>
internal sealed class HubEntry
{
    internal HubEntry(HubChannel channel, HubItem item, long sequence, long time)
    {
        Channel = channel;
        Item = item;
        Sequence = sequence;
        Time = time;
        Node = new LinkedListNode<HubEntry>(this);
    }

    internal HubChannel Channel { get; }

    internal HubItem Item { get; }

    /// <summary>Its place among all items of the hub.</summary>
    internal long Sequence { get; }

    /// <summary>When it was published, in milliseconds of the hub's clock.</summary>
    internal long Time { get; }

    /// <summary>Its place in the hub's history.</summary>
    internal LinkedListNode<HubEntry> Node { get; }
}
