using Microsoft.Extensions.Logging;

namespace Darter.Server.Applications;

internal sealed partial class PythonApplication
{
    internal static partial class Log
    {
        [LoggerMessage(200, LogLevel.Error, "{Method} {Target}: {Outcome}, since {Cause}")]
        internal static partial void RequestFailed(ILogger logger, string method, string target, string outcome, string cause);

        [LoggerMessage(205, LogLevel.Warning, "{Method} {Target}: is run once more, since the worker died while it ran it (--retry-idempotent)")]
        internal static partial void RunAgain(ILogger logger, string method, string target);

        [LoggerMessage(202, LogLevel.Error, "{Method} {Target}: the response is broken off, since it could not be written: {Error}")]
        internal static partial void ResponseBroken(ILogger logger, string method, string target, string error);

        [LoggerMessage(203, LogLevel.Error, "{Target}: the WebSocket is closed with 1011, since {Cause}")]
        internal static partial void WebSocketFailed(ILogger logger, string target, string cause);

        [LoggerMessage(204, LogLevel.Error, "{Target}: the WebSocket is broken off: {Error}")]
        internal static partial void WebSocketBroken(ILogger logger, string target, string error);

        [LoggerMessage(206, LogLevel.Error, "{Target}: the WebSocket {Id} is closed with {Code}, since {Cause}")]
        internal static partial void HeldSocketFailed(ILogger logger, string target, string id, int code, string cause);

        [LoggerMessage(207, LogLevel.Warning, "{Target}: the WebSocket {Id} is closed with 1013, since its client does not take what is published (--hub-max-queue)")]
        internal static partial void HeldSocketSlow(ILogger logger, string target, string id);

        [LoggerMessage(208, LogLevel.Debug, "{Target}: a control message for the WebSocket {Id} is of a type that is not known")]
        internal static partial void UnknownControl(ILogger logger, string target, string id);

        [LoggerMessage(201, LogLevel.Error, "{Method} {Target}: the file of the response could not be sent: {Error}")]
        internal static partial void FileFailed(ILogger logger, string method, string target, string error);
    }
}
