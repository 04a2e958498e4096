namespace Darter.Server.Control;

/// <summary>Why a request to the control socket was not done.</summary>
public sealed record ControlError(string Error);
