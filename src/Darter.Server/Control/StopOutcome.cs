namespace Darter.Server.Control;

/// <summary>The server stops: the process that is to end.</summary>
public sealed record StopOutcome(int Pid);
