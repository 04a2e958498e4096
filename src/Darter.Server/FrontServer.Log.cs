using Microsoft.Extensions.Logging;

namespace Darter.Server;

public sealed partial class FrontServer
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Listening at: {Address} ({ProcessId})")]
        internal static partial void Listening(ILogger logger, string address, int processId);

        [LoggerMessage(2, LogLevel.Information, "Ready: the application is loaded, after {Seconds:0.00} s")]
        internal static partial void Ready(ILogger logger, double seconds);

        [LoggerMessage(3, LogLevel.Information, "Not ready any more; requests are served for another {Seconds} s (--drain-delay)")]
        internal static partial void ServingOn(ILogger logger, double seconds);
    }
}
