using System.Net;
using Microsoft.Extensions.Logging;

namespace Darter.Transport;

internal sealed partial class EpollListener
{
    [LoggerMessage(10, LogLevel.Error, "{EndPoint}: connections cannot be accepted: {Reason}. Trying again.")]
    private partial void LogAcceptFailed(EndPoint endPoint, string reason);

    [LoggerMessage(11, LogLevel.Error, "Connection {ConnectionId}: a callback of ConnectionClosed failed.")]
    internal partial void LogClosedCallbackFailed(string connectionId, Exception exception);
}
