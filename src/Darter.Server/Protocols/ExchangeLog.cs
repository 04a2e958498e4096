using Microsoft.Extensions.Logging;

namespace Darter.Server.Protocols;

/// <summary>What is logged of requests.</summary>
internal static partial class ExchangeLog
{
    [LoggerMessage(43, LogLevel.Error, "A request over a gateway protocol failed")]
    internal static partial void Failed(ILogger logger, Exception exception);
}
