namespace Darter.Server.Hub;

/// <summary>
/// Connects hubs of several machines: what is published at one is delivered at all, in the same order.
/// </summary>
internal interface IHubBackplane : IAsyncDisposable
{
    /// <summary>How it is, a few words for <c>darter status</c>: where it is connected to, or why it is not.</summary>
    string State { get; }

    /// <summary>
    /// Begins to receive. What it receives it gives to <see cref="MessageHub.Deliver"/>; returns without waiting for a
    /// connection, which may come later, break and come again.
    /// </summary>
    void Start(MessageHub hub);

    /// <summary>
    /// Takes an item that was published here. It is the backplane's then to have it delivered here by
    /// <see cref="MessageHub.Deliver"/>, once: as soon as its place in the order of all is known, or at once if nobody can be
    /// asked now.
    /// </summary>
    /// <returns>How many subscribers of this hub it reached.</returns>
    Task<int> PublishAsync(HubItem item);

    /// <summary>
    /// Called before channels are subscribed to, without the hub's lock: has <see cref="MessageHub.Deliver"/> called with what
    /// this hub has missed of them. Null: nothing is missing, or it cannot be had now.
    /// </summary>
    /// <returns>Ends when it is there, or soon in any case; never fails.</returns>
    Task? CatchUp(IEnumerable<string> channels);
}
