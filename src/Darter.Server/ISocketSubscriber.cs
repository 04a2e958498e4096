namespace Darter.Server;

/// <summary>A WebSocket that gets what is published.</summary>
internal interface ISocketSubscriber
{
    /// <summary>Takes a message. Any thread, inside the hub's lock: it is queued, and the hub must not be called.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isReplay">Whether it comes from the history.</param>
    void Deliver(in PublishedMessage message, bool isReplay);
}
