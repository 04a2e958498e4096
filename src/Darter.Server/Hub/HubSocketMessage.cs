namespace Darter.Server.Hub;

/// <summary>The format <c>ws-message</c> of an item: a message for WebSockets, or the close of them.</summary>
/// <param name="Action">Any.</param>
/// <param name="Type">What kind of message is sent.</param>
/// <param name="Content">The bytes; a text is UTF-8.</param>
/// <param name="Code">With <see cref="HubAction.Close"/>: the code, 0 if none was given.</param>
/// <param name="Reason">With <see cref="HubAction.Close"/>: the reason, at most 123 bytes of UTF-8.</param>
internal sealed record HubSocketMessage(HubAction Action, HubSocketType Type, ReadOnlyMemory<byte> Content, int Code, string Reason);
