using Darter.Server.Configuration;

namespace Darter.Server.Hub;

/// <summary>
/// Channels, who is subscribed to them, and what was published lately. Any thread: one lock covers it, so that all
/// connections see the items of all their channels in one order, and nothing is lost or comes twice between what the
/// history has and what is published at that moment.
/// </summary>
internal sealed partial class MessageHub
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HubChannel> _channels = new(StringComparer.Ordinal);
    private readonly HubConfig _limits;
    private readonly TimeProvider _time;
    private long _sequence;
    private int _subscriptions;
    private long _published;
    private long _delivered;

    internal MessageHub(HubConfig limits, TimeProvider time)
    {
        _limits = limits;
        _time = time;
        Admission = new HubAdmission(limits);
    }

    /// <summary>Counts the connections that are held; whoever holds one enters it there.</summary>
    internal HubAdmission Admission { get; }

    /// <summary>Other hubs, or null.</summary>
    internal IHubBackplane? Backplane { get; init; }

    /// <summary>Publishes an item; the result is how many subscribers of this hub it reached.</summary>
    internal Task<int> PublishAsync(HubItem item) => Backplane?.PublishAsync(item) ?? Task.FromResult(Deliver(item));

    /// <summary>
    /// Gives it to the subscribers here, and keeps it. An item whose id its channel's history has already is left out.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="isMissed">Whether it was published earlier, and is delivered now that the backplane has caught up.</param>
    /// <returns>How many subscribers it reached.</returns>
    internal int Deliver(HubItem item, bool isMissed = false)
    {
        lock (_gate)
        {
            long now = Now;
            ForgetExpired(now);
            HubChannel? channel = _channels.GetValueOrDefault(item.Channel);
            if (item.Id is { } id && channel?.HasItem(id) == true)
            {
                return 0;
            }

            _published++;
            _sequence++;
            int reached = 0;
            if (channel is not null)
            {
                foreach (HubMember member in channel.Members)
                {
                    if (!IsSpared(member, item, isMissed) && member.Wants(item) && member.Subscription.Subscriber.Deliver(item, isReplay: false))
                    {
                        reached++;
                    }
                }
            }

            _delivered += reached;
            Keep(channel, item, now);
            return reached;
        }
    }

    /// <summary>
    /// Begins a subscription, see <see cref="HubSubscription.Add"/>; null with the reason if it cannot be.
    /// </summary>
    internal HubSubscription? Subscribe(
        IHubSubscriber subscriber, IReadOnlyList<HubChannelRequest> channels, string? lastEventId, out HubRefusal refusal)
    {
        HubSubscription subscription = new(this, subscriber) { Since = _time.GetUtcNow() };
        refusal = Add(subscription, channels, lastEventId);
        return refusal == HubRefusal.None ? subscription : null;
    }

    /// <inheritdoc cref="HubSubscription.Add"/>
    internal HubRefusal Add(HubSubscription subscription, IReadOnlyList<HubChannelRequest> channels, string? lastEventId)
    {
        Task? catchingUp = Backplane?.CatchUp(channels.Select(request => request.Name));
        List<HubChannelRequest> added;
        HubMember[] waiting = [];
        lock (_gate)
        {
            ForgetExpired(Now);
            if (subscription.IsOver)
            {
                return HubRefusal.None;
            }

            added = [.. channels.Where(request => !subscription.Has(request.Name)).DistinctBy(request => request.Name)];
            if (subscription.Members.Count + added.Count > HubLimits.ChannelsOfConnection)
            {
                return HubRefusal.ChannelsOfConnection;
            }

            if (!MakeRoom(added.Count(request => !_channels.ContainsKey(request.Name))))
            {
                return HubRefusal.Channels;
            }

            foreach (HubChannelRequest request in channels)
            {
                Join(subscription, request);
            }

            if (catchingUp is null)
            {
                Replay(subscription, added, lastEventId);
            }
            else
            {
                waiting = HaveWait(subscription, added, lastEventId);
            }
        }

        // In the first case the backplane may have come to life before it could know that there is a subscriber now.
        _ = catchingUp is null ? Backplane?.CatchUp(channels.Select(request => request.Name)) : ReplayAsync(subscription, waiting, added, lastEventId, catchingUp);
        return HubRefusal.None;
    }

    /// <inheritdoc cref="HubSubscription.Remove"/>
    internal void Remove(HubSubscription subscription, string channel)
    {
        lock (_gate)
        {
            if (subscription.Members.Remove(channel, out HubMember? member))
            {
                Leave(member);
            }
        }
    }

    /// <summary>Ends a subscription.</summary>
    internal void End(HubSubscription subscription)
    {
        lock (_gate)
        {
            subscription.IsOver = true;
            foreach (HubMember member in subscription.Members.Values)
            {
                Leave(member);
            }

            subscription.Members.Clear();
        }
    }

    private void Join(HubSubscription subscription, HubChannelRequest request)
    {
        if (subscription.Members.TryGetValue(request.Name, out HubMember? present))
        {
            present.Filters = request.Filters;
            return;
        }

        if (!_channels.TryGetValue(request.Name, out HubChannel? channel))
        {
            _channels[request.Name] = channel = new HubChannel(request.Name);
        }

        HubMember member = new(subscription, channel, request.Filters);
        channel.Add(member);
        subscription.Members[request.Name] = member;
        _subscriptions++;
    }

    private void Leave(HubMember member)
    {
        member.Channel.Remove(member);
        _subscriptions--;
        Drop(member.Channel);
    }

    private void Drop(HubChannel channel)
    {
        if (channel.IsEmpty)
        {
            _channels.Remove(channel.Name);
        }
    }
}
