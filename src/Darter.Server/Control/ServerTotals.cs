namespace Darter.Server.Control;

/// <summary>What was counted since a server was started.</summary>
/// <param name="Requests">Requests that workers have ended.</param>
/// <param name="WorkersStarted">Worker processes.</param>
/// <param name="WorkersDied">Workers that crashed.</param>
/// <param name="Reloads">Reloads that succeeded.</param>
/// <param name="FailedReloads">Reloads that did not.</param>
public sealed record ServerTotals(long Requests, long WorkersStarted, long WorkersDied, long Reloads, long FailedReloads);
