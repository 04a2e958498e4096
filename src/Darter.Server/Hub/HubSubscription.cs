namespace Darter.Server.Hub;

/// <summary>What one connection is subscribed to. Its members may be called on any thread; once disposed it gets nothing more.</summary>
internal sealed class HubSubscription : IDisposable
{
    private readonly MessageHub _hub;

    internal HubSubscription(MessageHub hub, IHubSubscriber subscriber)
    {
        _hub = hub;
        Subscriber = subscriber;
    }

    internal IHubSubscriber Subscriber { get; }

    /// <summary>When it began.</summary>
    internal required DateTimeOffset Since { get; init; }

    /// <summary>The channels; under the hub's lock.</summary>
    internal Dictionary<string, HubMember> Members { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether it was ended; under the hub's lock.</summary>
    internal bool IsOver { get; set; }

    /// <summary>Whether it has the channel; under the hub's lock.</summary>
    internal bool Has(string channel) => Members.ContainsKey(channel);

    /// <summary>
    /// Subscribes to more channels. What the history has for it is delivered before the method returns, and before
    /// anything that is published meanwhile. Of a channel that it has already the filters are set, and nothing is delivered.
    /// </summary>
    /// <param name="channels">The channels.</param>
    /// <param name="lastEventId">
    /// What the client got last from any of them: for those without <see cref="HubChannelRequest.PrevId"/> the later items are
    /// delivered, or all that are kept if nobody knows the id.
    /// </param>
    /// <returns>Why it cannot be, in which case none was added, or <see cref="HubRefusal.None"/>.</returns>
    internal HubRefusal Add(IReadOnlyList<HubChannelRequest> channels, string? lastEventId = null) => _hub.Add(this, channels, lastEventId);

    /// <summary>Gets nothing more from a channel.</summary>
    internal void Remove(string channel) => _hub.Remove(this, channel);

    /// <inheritdoc/>
    public void Dispose() => _hub.End(this);
}
