namespace Darter.Server.Observability;

/// <summary>Entries of a log that are lost, and why.</summary>
/// <param name="Entries">How many.</param>
/// <param name="Reason">Why the last of them was; null if there are none.</param>
internal readonly record struct LogLoss(int Entries, string? Reason);
