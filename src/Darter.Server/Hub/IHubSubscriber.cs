namespace Darter.Server.Hub;

/// <summary>A connection that gets what is published.</summary>
internal interface IHubSubscriber
{
    /// <summary>What presence shows: "stream", "response" or "websocket".</summary>
    string Kind { get; }

    /// <summary>What the application says about the connection (<c>Grip-Set-Meta</c>); it must not change while it is subscribed.</summary>
    IReadOnlyDictionary<string, string> Meta { get; }

    /// <summary>
    /// Takes an item. Called on any thread and inside the hub's lock, in the order of publishing: it must put the item into
    /// a bounded queue and return, and must not call the hub.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="isReplay">Whether it comes from the history.</param>
    /// <returns>Whether there was something in it for this connection.</returns>
    bool Deliver(HubItem item, bool isReplay);
}
