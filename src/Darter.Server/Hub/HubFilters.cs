namespace Darter.Server.Hub;

/// <summary>GRIP's filters of a subscription: which items of the channel are left out.</summary>
[Flags]
internal enum HubFilters : byte
{
    /// <summary>None are.</summary>
    None = 0,

    /// <summary><c>skip-self</c>: those whose <c>sender</c> is the connection's <c>user</c>.</summary>
    SkipSelf = 1,

    /// <summary><c>skip-users</c>: those whose list <c>skip_users</c> has the connection's <c>user</c>.</summary>
    SkipUsers = 2,

    /// <summary><c>require-sub</c>: those that name a channel in <c>require_sub</c> to which the connection has not subscribed.</summary>
    RequireSubscription = 4,
}
