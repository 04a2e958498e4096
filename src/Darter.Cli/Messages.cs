using Microsoft.Extensions.Logging;

namespace Darter.Cli;

/// <summary>What <c>darter run</c> tells the operator.</summary>
internal static partial class Messages
{
    [LoggerMessage(300, LogLevel.Information, "Starting darter: {Target}, workers: {Workers}, threads: {Threads}, interpreter: {Python}")]
    internal static partial void Starting(ILogger logger, string target, int workers, int threads, string python);

    [LoggerMessage(301, LogLevel.Critical, "The application '{Target}' did not load.\n{Reason}")]
    internal static partial void NotLoaded(ILogger logger, string target, string reason);

    [LoggerMessage(302, LogLevel.Critical, "{Reason}")]
    internal static partial void CannotListen(ILogger logger, string reason);

    [LoggerMessage(303, LogLevel.Information, "{Cause}; stopping")]
    internal static partial void Stopping(ILogger logger, string cause);

    [LoggerMessage(304, LogLevel.Information, "Stopped")]
    internal static partial void Stopped(ILogger logger);

    [LoggerMessage(320, LogLevel.Information, "Handling signal: {Signal}")]
    internal static partial void Signal(ILogger logger, string signal);

    [LoggerMessage(321, LogLevel.Debug, "SIGWINCH is ignored: the server runs in the foreground of a terminal, which sends it when its window changes")]
    internal static partial void WindowChanged(ILogger logger);

    [LoggerMessage(322, LogLevel.Error, "Not reloaded, since the configuration is wrong: {Error}")]
    internal static partial void WrongConfiguration(ILogger logger, string error);

    [LoggerMessage(323, LogLevel.Warning, "Changed, but not before an upgrade (SIGUSR2) or a restart: {Options}")]
    internal static partial void NotApplied(ILogger logger, string options);

    [LoggerMessage(324, LogLevel.Warning, "Cannot be done: {Error}")]
    internal static partial void Refused(ILogger logger, string error);

    [LoggerMessage(325, LogLevel.Information, "All workers leave; requests wait until there are workers again, by SIGTTIN or SIGHUP")]
    internal static partial void WorkersLeave(ILogger logger);
}
