using Microsoft.Extensions.Logging;

namespace Darter.Server.Hub;

/// <summary>What the operator hears of limits: a line for each of them now and then, however many clients come up against it.</summary>
internal sealed partial class AnswerHolder
{
    private static readonly TimeSpan WarningPeriod = TimeSpan.FromSeconds(10);

    private long _warnedOfAddress;
    private long _warnedOfConnections;
    private long _warnedOfChannels;

    private void Warn(ref long last, Action<ILogger, int> log, int limit)
    {
        long now = _time.GetTimestamp();
        if (last == 0 || _time.GetElapsedTime(last, now) > WarningPeriod)
        {
            last = now;
            log(_logger, limit);
        }
    }

    [LoggerMessage(601, LogLevel.Warning, "A connection was not held (503): there are {Limit} already (--hub-max-connections)")]
    private static partial void LogTooMany(ILogger logger, int limit);

    [LoggerMessage(602, LogLevel.Warning, "A connection was not held (429): its address has {Limit} already (--hub-max-connections-per-address)")]
    private static partial void LogTooManyOfAddress(ILogger logger, int limit);

    [LoggerMessage(603, LogLevel.Warning, "A connection was not held (503): there are {Limit} channels already (--hub-max-channels)")]
    private static partial void LogTooManyChannels(ILogger logger, int limit);
}
