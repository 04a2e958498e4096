namespace Darter.Server.Applications;

/// <summary>A published message on its way to a WebSocket.</summary>
internal readonly record struct SocketDelivery(HeldSocket Socket, PublishedMessage Message, bool IsReplay);
