using Microsoft.Extensions.Logging;

namespace Darter.Server;

public sealed partial class FilesServer
{
    private static partial class Log
    {
        [LoggerMessage(510, LogLevel.Information, "Listening at: {Address} ({ProcessId})")]
        internal static partial void Listening(ILogger logger, string address, int processId);

        [LoggerMessage(511, LogLevel.Information, "Ready: serving the folder {Folder}")]
        internal static partial void Ready(ILogger logger, string folder);
    }
}
