using Microsoft.Extensions.Logging;

namespace Darter.Cli.Service;

/// <summary>What running as a service tells the operator.</summary>
internal static partial class ServiceMessages
{
    [LoggerMessage(330, LogLevel.Information, "Socket activation: listening at what the service manager opened ({Sockets}), not at --bind")]
    internal static partial void Activated(ILogger logger, string sockets);

    [LoggerMessage(331, LogLevel.Information, "Running as user {User}, group {Group}")]
    internal static partial void PrivilegesDropped(ILogger logger, uint user, uint group);

    [LoggerMessage(332, LogLevel.Information, "Upgrading: starting {Path} beside this front")]
    internal static partial void Upgrading(ILogger logger, string path);

    [LoggerMessage(333, LogLevel.Information, "Upgraded: the front with process id {ProcessId} serves; this one finishes what it has")]
    internal static partial void Upgraded(ILogger logger, int processId);

    [LoggerMessage(334, LogLevel.Error, "The upgrade failed, and this front goes on serving: {Reason}")]
    internal static partial void UpgradeFailed(ILogger logger, string reason);

    [LoggerMessage(336, LogLevel.Information, "The front stays root, since applications have users of their own: {Applications}")]
    internal static partial void StaysRoot(ILogger logger, string applications);

    [LoggerMessage(337, LogLevel.Warning, "The application {Name} runs as root, as the front does: give it a user in its [apps] table, or all of them at the top of the file")]
    internal static partial void RunsAsRoot(ILogger logger, string name);

    [LoggerMessage(335, LogLevel.Information, "Taking over from the front with process id {ProcessId}")]
    internal static partial void TakingOver(ILogger logger, int processId);
}
