using Microsoft.Extensions.Logging;

namespace Darter.Server.Applications;

internal sealed partial class FrontApplication
{
    internal static partial class Log
    {
        [LoggerMessage(206, LogLevel.Error, "{Method} {Target}: the request failed")]
        internal static partial void Failed(ILogger logger, string method, string target, Exception exception);
    }
}
