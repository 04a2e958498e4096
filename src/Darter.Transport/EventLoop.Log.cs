using Microsoft.Extensions.Logging;

namespace Darter.Transport;

public sealed partial class EventLoop
{
    [LoggerMessage(1, LogLevel.Error, "A readiness handler failed.")]
    private partial void LogHandlerFailed(Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Work on the event loop failed.")]
    private partial void LogWorkFailed(Exception exception);

    [LoggerMessage(3, LogLevel.Critical, "The event loop cannot wait for events and ends.")]
    private partial void LogLoopFailed(Exception exception);
}
