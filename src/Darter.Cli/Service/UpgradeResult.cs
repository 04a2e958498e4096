namespace Darter.Cli.Service;

/// <summary>How an upgrade of the front went.</summary>
/// <param name="ProcessId">The new front, if it serves.</param>
/// <param name="Error">Why the old one goes on serving, otherwise.</param>
internal sealed record UpgradeResult(int? ProcessId, string? Error)
{
    /// <summary>Whether another front serves now.</summary>
    internal bool IsSuccess => ProcessId is not null;
}
