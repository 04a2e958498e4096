using Microsoft.Extensions.Logging;

namespace Darter.Server.Files;

internal sealed partial class FolderSite
{
    internal static partial class Log
    {
        [LoggerMessage(500, LogLevel.Error, "{Method} {Target}: answered 503, since no more files can be opened (ulimit -n)")]
        internal static partial void Exhausted(ILogger logger, string method, string target);

        [LoggerMessage(501, LogLevel.Error, "{Method} {Target}: answered 500, since the file cannot be read from the disk")]
        internal static partial void CannotOpen(ILogger logger, string method, string target);

        [LoggerMessage(502, LogLevel.Error, "{Method} {Target}: the response is broken off, since the file could not be read to its end: {Error}")]
        internal static partial void CannotRead(ILogger logger, string method, string target, string error);

        [LoggerMessage(503, LogLevel.Error, "{Method} {Target}: answered 500, since the folder cannot be listed: {Error}")]
        internal static partial void CannotList(ILogger logger, string method, string target, string error);

        [LoggerMessage(504, LogLevel.Error, "{Method} {Target}: answered {Status}, since the file cannot be stored (--upload): {Error}")]
        internal static partial void CannotStore(ILogger logger, string method, string target, int status, string error);

        [LoggerMessage(505, LogLevel.Error, "{Method} {Target}: answered 500, since the program cannot be run (--cgi): {Error}")]
        internal static partial void ProgramNotRun(ILogger logger, string method, string target, string error);

        [LoggerMessage(506, LogLevel.Error, "{Method} {Target}: the program is killed, since it ran for {Seconds} s (--cgi-timeout)")]
        internal static partial void ProgramTimedOut(ILogger logger, string method, string target, double seconds);

        [LoggerMessage(507, LogLevel.Error, "{Method} {Target}: answered 502, since the program wrote no header fields, or wrong ones (--cgi)")]
        internal static partial void ProgramSaidNothing(ILogger logger, string method, string target);
    }
}
