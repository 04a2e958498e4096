namespace Darter.Server.Hub;

/// <summary>A subscription's place in one channel. Under the hub's lock.</summary>
internal sealed class HubMember(HubSubscription subscription, HubChannel channel, HubFilters filters)
{
    internal HubSubscription Subscription { get; } = subscription;

    internal HubChannel Channel { get; } = channel;

    internal HubFilters Filters { get; set; } = filters;

    /// <summary>What it does not get, because the backplane is still reading what the hub has missed.</summary>
    internal HubWait Waits { get; set; }

    /// <summary>Where it is in the channel's list.</summary>
    internal int Index { get; set; }

    /// <summary>Whether the filters let an item pass.</summary>
    internal bool Wants(HubItem item)
    {
        if (Filters == HubFilters.None || item.Meta.Count == 0)
        {
            return true;
        }

        string? user = Subscription.Subscriber.Meta.GetValueOrDefault("user");
        if (user is not null)
        {
            if (Filters.HasFlag(HubFilters.SkipSelf) && item.Meta.GetValueOrDefault("sender") == user)
            {
                return false;
            }

            if (Filters.HasFlag(HubFilters.SkipUsers)
                && item.Meta.GetValueOrDefault("skip_users") is { } list
                && list.Split(',', StringSplitOptions.TrimEntries).Contains(user))
            {
                return false;
            }
        }

        return !Filters.HasFlag(HubFilters.RequireSubscription)
            || item.Meta.GetValueOrDefault("require_sub") is not { } needed
            || Subscription.Has(needed);
    }
}
