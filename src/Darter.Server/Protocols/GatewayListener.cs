using Darter.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Protocols;

/// <summary>A listener of a gateway protocol: its settings, and the lines it logs.</summary>
/// <param name="name">The address, as the user wrote it.</param>
/// <param name="config">The settings.</param>
/// <param name="runner">Who answers.</param>
/// <param name="logger">The operator's log.</param>
internal sealed partial class GatewayListener(string name, ServerConfig config, IExchangeRunner runner, ILogger logger)
{
    /// <summary>The settings.</summary>
    internal ServerConfig Config => config;

    /// <summary>Who answers.</summary>
    internal IExchangeRunner Runner => runner;

    /// <summary>A connection is closed because of what came on it.</summary>
    internal void OnMalformed(string cause) => Malformed(logger, name, cause);

    /// <summary>A connection is closed because the rest of a request did not come.</summary>
    internal void OnTimedOut() => TimedOut(logger, name);

    /// <summary>Something went wrong that should not.</summary>
    internal void OnFailed(Exception exception) => Failed(logger, name, exception);

    [LoggerMessage(40, LogLevel.Warning, "A connection at {Listener} is closed: {Cause}")]
    private static partial void Malformed(ILogger logger, string listener, string cause);

    [LoggerMessage(41, LogLevel.Warning, "A connection at {Listener} is closed: the variables of a request did not come in time (--request-header-timeout)")]
    private static partial void TimedOut(ILogger logger, string listener);

    [LoggerMessage(42, LogLevel.Error, "A connection at {Listener} is closed")]
    private static partial void Failed(ILogger logger, string listener, Exception exception);
}
