using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Darter.Cli;

/// <summary>What <c>darter run</c> tells the operator.</summary>
internal static partial class Messages
{
    [LoggerMessage(300, LogLevel.Information, "Starting darter: {Target}, workers: {Workers}, threads: {Threads}, interpreter: {Python} ({Reason})")]
    internal static partial void Starting(ILogger logger, string target, int workers, int threads, string python, string reason);

    [LoggerMessage(301, LogLevel.Critical, "The application '{Target}' did not load.\n{Reason}")]
    internal static partial void NotLoaded(ILogger logger, string target, string reason);

    [LoggerMessage(302, LogLevel.Critical, "{Reason}")]
    internal static partial void CannotStart(ILogger logger, string reason);

    [LoggerMessage(303, LogLevel.Information, "Handling signal: {Signal}; stopping")]
    internal static partial void Stopping(ILogger logger, PosixSignal signal);

    [LoggerMessage(304, LogLevel.Information, "Stopped")]
    internal static partial void Stopped(ILogger logger);
}
