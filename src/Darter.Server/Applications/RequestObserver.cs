using Darter.Server.Configuration;
using Darter.Server.Observability;

namespace Darter.Server.Applications;

/// <summary>Who wants to know about requests. There is none while nobody does, so that a request then pays for one comparison.</summary>
internal sealed class RequestObserver
{
    private RequestObserver(AccessLog? accessLog, Statsd? statsd, LoggingConfig config)
    {
        AccessLog = accessLog;
        Statsd = statsd;
        ServerTiming = config.ServerTiming;
        RequestIdHeader = config.RequestIdHeader;
    }

    /// <summary>The access log, or null.</summary>
    internal AccessLog? AccessLog { get; }

    /// <summary>The metrics, or null.</summary>
    internal Statsd? Statsd { get; }

    /// <summary>Whether responses say how long they took.</summary>
    internal bool ServerTiming { get; }

    /// <summary>The header field of the request's id, or null.</summary>
    internal string? RequestIdHeader { get; }

    /// <summary>Null if nothing is to be observed.</summary>
    internal static RequestObserver? Create(LoggingConfig config, ServerLogs? logs) =>
        logs?.Access is not null || logs?.Statsd is not null || config.ServerTiming || config.RequestIdHeader is not null
            ? new RequestObserver(logs?.Access, logs?.Statsd, config)
            : null;
}
