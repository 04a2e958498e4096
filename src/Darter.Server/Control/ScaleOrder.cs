namespace Darter.Server.Control;

/// <summary>The body of <c>POST /scale</c>.</summary>
public sealed record ScaleOrder(int Workers);
