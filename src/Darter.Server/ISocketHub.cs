using Darter.Wire;

namespace Darter.Server;

/// <summary>What holds WebSockets for applications that only answer requests, as WebSockets see it. On the pool's loop.</summary>
internal interface ISocketHub
{
    /// <summary>Whether WebSockets for an application of this kind are held.</summary>
    bool Holds(ApplicationInterface application);

    /// <summary>
    /// Begins to hold a WebSocket; null: there are too many, and the owner was told to refuse. What is returned is disposed of
    /// when its connection has ended.
    /// </summary>
    /// <param name="subscriber">The WebSocket.</param>
    /// <param name="owner">The request that asks for it.</param>
    ISocketSubscription? Hold(ISocketSubscriber subscriber, IHoldOwner owner);

    /// <summary>The value of Grip-Sig for a request of now; null: requests are not signed.</summary>
    string? Sign();
}
