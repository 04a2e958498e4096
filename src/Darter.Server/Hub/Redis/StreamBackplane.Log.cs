using Microsoft.Extensions.Logging;

namespace Darter.Server.Hub.Redis;

internal sealed partial class StreamBackplane
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Channels are shared with other nodes over {Server} (--hub)")]
        internal static partial void Connected(ILogger logger, string server);

        [LoggerMessage(2, LogLevel.Warning,
            "{Server} (--hub) is away: {Reason}. Items are delivered to the clients of this node and shared when it is back")]
        internal static partial void Away(ILogger logger, string server, string reason);

        [LoggerMessage(3, LogLevel.Warning,
            "{Count} items, more than the history holds, were not shared over {Server} (--hub-history-size, --hub-history-bytes, --hub-history-age)")]
        internal static partial void Dropped(ILogger logger, long count, string server);

        [LoggerMessage(4, LogLevel.Warning, "{Count} items were not shared before the end: {Server} (--hub) is away")]
        internal static partial void Unsent(ILogger logger, int count, string server);
    }
}
