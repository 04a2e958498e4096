namespace Darter.Server.Hub;

/// <summary>What a hub tells about itself.</summary>
internal sealed partial class MessageHub
{
    /// <summary>The hub as a whole.</summary>
    internal HubTotals Totals
    {
        get
        {
            lock (_gate)
            {
                ForgetExpired(Now);
                return new HubTotals(Admission.Count, _channels.Count, _subscriptions, _published, _delivered, _history.Count, _historyBytes);
            }
        }
    }

    /// <summary>The channels whose name begins with <paramref name="prefix"/>, by name, at most <paramref name="most"/>.</summary>
    internal IReadOnlyList<HubChannelInfo> Channels(string prefix, int most)
    {
        lock (_gate)
        {
            ForgetExpired(Now);
            return
            [
                .. _channels.Values
                    .Where(channel => channel.Name.StartsWith(prefix, StringComparison.Ordinal))
                    .OrderBy(channel => channel.Name, StringComparer.Ordinal)
                    .Take(most)
                    .Select(InfoOf),
            ];
        }
    }

    /// <summary>A channel; one that does not exist has no subscribers and no history.</summary>
    internal HubChannelInfo Channel(string name)
    {
        lock (_gate)
        {
            ForgetExpired(Now);
            return _channels.TryGetValue(name, out HubChannel? channel) ? InfoOf(channel) : new HubChannelInfo(name, 0, 0, null);
        }
    }

    /// <summary>Who is subscribed to a channel, at most <paramref name="most"/> connections.</summary>
    internal IReadOnlyList<HubPresence> Presence(string name, int most)
    {
        lock (_gate)
        {
            if (!_channels.TryGetValue(name, out HubChannel? channel))
            {
                return [];
            }

            List<HubPresence> present = [];
            foreach (HubMember member in channel.Members[..Math.Min(most, channel.MemberCount)])
            {
                IHubSubscriber subscriber = member.Subscription.Subscriber;
                present.Add(new HubPresence(subscriber.Kind, subscriber.Meta, member.Subscription.Since));
            }

            return present;
        }
    }

    private static HubChannelInfo InfoOf(HubChannel channel) => new(channel.Name, channel.MemberCount, channel.HistoryCount, channel.LastId);
}
