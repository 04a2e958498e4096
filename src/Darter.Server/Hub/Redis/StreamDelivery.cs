namespace Darter.Server.Hub.Redis;

/// <summary>How an item came to a node.</summary>
internal enum StreamDelivery
{
    /// <summary>As it was published.</summary>
    Live,

    /// <summary>Later: the node was away, or did not follow the channel.</summary>
    CaughtUp,

    /// <summary>From a time before anybody here was subscribed: for the history only.</summary>
    History,
}
