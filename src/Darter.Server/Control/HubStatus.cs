namespace Darter.Server.Control;

/// <summary>The hub of a running server.</summary>
/// <param name="Connections">Held connections.</param>
/// <param name="Channels">Channels that are subscribed to or have a history.</param>
/// <param name="Subscriptions">Subscriptions of connections to channels.</param>
/// <param name="Published">Items published since the start.</param>
/// <param name="Delivered">How often one of them was given to a connection.</param>
/// <param name="HistoryItems">Items kept.</param>
/// <param name="HistoryBytes">Bytes they take, roughly.</param>
/// <param name="Publish">Where it is published to: the workers' socket, and the address of --publish-bind.</param>
/// <param name="Backplane">How the connection with other servers is; null: there is none.</param>
public sealed record HubStatus(
    int Connections,
    int Channels,
    int Subscriptions,
    long Published,
    long Delivered,
    int HistoryItems,
    long HistoryBytes,
    IReadOnlyList<string> Publish,
    string? Backplane);
