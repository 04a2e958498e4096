namespace Darter.Server.Hub;

/// <summary>The format <c>http-response</c> of an item: a complete response for a request that waits for one.</summary>
/// <param name="Action">Send, close or hint.</param>
/// <param name="Status">The status code, 200 to 599.</param>
/// <param name="Reason">The reason phrase; empty: the usual one.</param>
/// <param name="Headers">Header fields, names and values verified.</param>
/// <param name="Body">The body.</param>
internal sealed record HubResponseMessage(
    HubAction Action, int Status, string Reason, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body);
