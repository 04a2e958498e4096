using Microsoft.Extensions.Logging;

namespace Darter.Server.Files;

internal sealed partial class NamedFile
{
    private static partial class Log
    {
        [LoggerMessage(520, LogLevel.Error, "{Method} {Target}: answered {Status}, since the application's {Field} names '{Path}', {Cause}")]
        internal static partial void Refused(ILogger logger, string method, string target, int status, string field, string path, string cause);

        [LoggerMessage(521, LogLevel.Error, "{Method} {Target}: the response is broken off, since the file that {Field} names, '{Path}', could not be read to its end: {Error}")]
        internal static partial void CannotRead(ILogger logger, string method, string target, string field, string path, string error);
    }
}
