using Darter.Wire;

namespace Darter.Server;

/// <summary>What holds WebSockets for applications that only answer requests, as WebSockets see it.</summary>
internal interface ISocketHub
{
    /// <summary>Whether WebSockets for an application of this kind are held. Any thread.</summary>
    bool Holds(ApplicationInterface application);

    /// <summary>
    /// Begins to hold a WebSocket; null with the reason if there are too many. What is returned is disposed of when its
    /// connection has ended. Any thread.
    /// </summary>
    /// <param name="subscriber">The WebSocket.</param>
    /// <param name="address">The client's address.</param>
    /// <param name="refusal">Why not, for the log.</param>
    ISocketSubscription? Hold(ISocketSubscriber subscriber, string address, out string refusal);

    /// <summary>The value of Grip-Sig for a request of now; null if requests are not signed. Any thread.</summary>
    string? Sign();
}
