namespace Darter.Server.Hub;

/// <summary>Subscriptions to channels of which the backplane knows more than this hub.</summary>
internal sealed partial class MessageHub
{
    /// <summary>Keeps an item of which it is certain that no subscriber waits for it.</summary>
    internal void Restore(HubItem item)
    {
        lock (_gate)
        {
            HubChannel? channel = _channels.GetValueOrDefault(item.Channel);
            if (item.Id is null || channel?.HasItem(item.Id) != true)
            {
                _sequence++;
                Keep(channel, item, Now);
            }
        }
    }

    /// <summary>The channels that have subscribers.</summary>
    internal IReadOnlyCollection<string> Subscribed()
    {
        lock (_gate)
        {
            return [.. _channels.Values.Where(channel => channel.MemberCount > 0).Select(channel => channel.Name)];
        }
    }

    /// <summary>Whether a channel has subscribers.</summary>
    internal bool HasSubscribers(string name)
    {
        lock (_gate)
        {
            return _channels.GetValueOrDefault(name) is { MemberCount: > 0 };
        }
    }

    // What is not kept, such as the order to close, could not be had from the history.
    private static bool IsSpared(HubMember member, HubItem item, bool isMissed) => member.Waits switch
    {
        // Read, or published just after the subscription began: rather something old than nothing new.
        HubWait.Missed => isMissed && !(item.PublishedAt >= member.Subscription.Since - TimeSpan.FromSeconds(1)),
        HubWait.History => item.IsKept,
        _ => false,
    };

    private HubMember[] HaveWait(HubSubscription subscription, List<HubChannelRequest> channels, string? lastEventId) =>
    [
        .. channels.Select(request =>
        {
            HubMember member = subscription.Members[request.Name];
            member.Waits = _limits.HistorySize > 0 && (request.PrevId ?? lastEventId) is not null ? HubWait.History : HubWait.Missed;
            return member;
        }),
    ];

    private async Task ReplayAsync(
        HubSubscription subscription, HubMember[] waiting, List<HubChannelRequest> channels, string? lastEventId, Task caughtUp)
    {
        await caughtUp.ConfigureAwait(false);
        lock (_gate)
        {
            // Not what was left meanwhile, nor what was left and joined again.
            List<HubChannelRequest> present = [.. channels.Where((request, i) => subscription.Members.GetValueOrDefault(request.Name) == waiting[i])];
            foreach (HubChannelRequest request in present)
            {
                subscription.Members[request.Name].Waits = HubWait.None;
            }

            if (present.Count > 0)
            {
                Replay(subscription, present, lastEventId);
            }
        }
    }
}
