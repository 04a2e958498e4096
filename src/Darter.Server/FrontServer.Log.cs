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

        [LoggerMessage(4, LogLevel.Information, "Publishing at: {Address} (--publish-bind)")]
        internal static partial void PublishingAt(ILogger logger, string address);

        [LoggerMessage(5, LogLevel.Warning, "There is no socket for the workers to publish to, so darter.publish() fails: {Reason}. Do without held connections with --hub off, or see XDG_RUNTIME_DIR.")]
        internal static partial void CannotPublish(ILogger logger, string reason);

        [LoggerMessage(6, LogLevel.Information, "Sending clients to https at: {Address} (--redirect-http)")]
        internal static partial void RedirectingAt(ILogger logger, string address);

        [LoggerMessage(10, LogLevel.Information, "HTTP/3 at: {Address} (--http3)")]
        internal static partial void Http3At(ILogger logger, string address);

        [LoggerMessage(11, LogLevel.Information, "HTTP/3 waits for the front before this one to end (--http3): {Reason}")]
        internal static partial void WaitingForHttp3(ILogger logger, string reason);

        [LoggerMessage(12, LogLevel.Error, "Reload failed, and nothing is changed: {Error}")]
        internal static partial void ReloadFailed(ILogger logger, string error);

        [LoggerMessage(9, LogLevel.Information, "Nothing is cached (--cache): pages are fetched again when the application has changed")]
        internal static partial void NoCacheInDevelopment(ILogger logger);
    }
}
