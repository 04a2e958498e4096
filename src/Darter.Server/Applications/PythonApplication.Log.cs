using Darter.Workers;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Applications;

internal sealed partial class PythonApplication
{
    internal static partial class Log
    {
        [LoggerMessage(200, LogLevel.Error, "{Method} {Target} failed: {Failure} {Message}")]
        internal static partial void RequestFailed(ILogger logger, string method, string target, StreamFailure failure, string message);

        [LoggerMessage(201, LogLevel.Error, "{Method} {Target}: the file of the response could not be sent: {Error}")]
        internal static partial void FileFailed(ILogger logger, string method, string target, string error);
    }
}
