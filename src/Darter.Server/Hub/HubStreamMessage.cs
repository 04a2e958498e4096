namespace Darter.Server.Hub;

/// <summary>The format <c>http-stream</c> of an item: what is added to the body of a held stream.</summary>
/// <param name="Action">Send, close or hint.</param>
/// <param name="Content">The bytes; empty unless they are sent.</param>
internal sealed record HubStreamMessage(HubAction Action, ReadOnlyMemory<byte> Content);
