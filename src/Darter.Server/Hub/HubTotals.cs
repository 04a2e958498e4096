namespace Darter.Server.Hub;

/// <summary>A hub at a moment.</summary>
/// <param name="Connections">Held connections.</param>
/// <param name="Channels">Channels that are subscribed to or have a history.</param>
/// <param name="Subscriptions">Subscriptions of connections to channels.</param>
/// <param name="Published">Items published since the start.</param>
/// <param name="Delivered">How often one of them was given to a connection.</param>
/// <param name="HistoryItems">Items kept.</param>
/// <param name="HistoryBytes">Bytes they take, roughly.</param>
internal sealed record HubTotals(int Connections, int Channels, int Subscriptions, long Published, long Delivered, int HistoryItems, long HistoryBytes);
