namespace Darter.Server.Control;

/// <summary>The body of <c>POST /stop</c>; without one it is in order.</summary>
public sealed record StopOrder(bool Quick);
