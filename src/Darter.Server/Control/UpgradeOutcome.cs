namespace Darter.Server.Control;

/// <summary>How an upgrade came out.</summary>
/// <param name="Pid">The process id of the front that serves from now on.</param>
/// <param name="Error">Why the new front does not serve; null if it does.</param>
public sealed record UpgradeOutcome(int Pid, string? Error);
