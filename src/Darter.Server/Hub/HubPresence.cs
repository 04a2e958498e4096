namespace Darter.Server.Hub;

/// <summary>A connection that is subscribed to a channel.</summary>
/// <param name="Kind">"stream", "response" or "websocket".</param>
/// <param name="Meta">What the application has said about it (<c>Grip-Set-Meta</c>).</param>
/// <param name="Since">When it was held.</param>
public sealed record HubPresence(string Kind, IReadOnlyDictionary<string, string> Meta, DateTimeOffset Since);
