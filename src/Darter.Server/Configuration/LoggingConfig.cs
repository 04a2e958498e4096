namespace Darter.Server.Configuration;

/// <summary>What is logged, and where to. Names and defaults are Gunicorn's where it has them.</summary>
public sealed record LoggingConfig
{
    /// <summary>Gunicorn's format of a line of the access log.</summary>
    public const string DefaultAccessFormat = """%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" """;

    /// <summary>The access log's file, "-" for standard output; null: none.</summary>
    public string? AccessFile { get; init; }

    /// <summary>The format of its lines.</summary>
    public string AccessFormat { get; init; } = DefaultAccessFormat.TrimEnd();

    /// <summary>Whether its lines are JSON objects instead. Default: false.</summary>
    public bool AccessJson { get; init; }

    /// <summary>Whether its lines are for whoever sits at a terminal, unless they are JSON. Default: false.</summary>
    public bool AccessReadable { get; init; }

    /// <summary>Whether such lines are in colour. Default: false.</summary>
    public bool AccessColored { get; init; }

    /// <summary>The error log's file, "-" for standard error. Default: "-".</summary>
    public string ErrorFile { get; init; } = "-";

    /// <summary>Whether its lines are JSON objects. Default: false.</summary>
    public bool ErrorJson { get; init; }

    /// <summary>Whether what the workers write to standard output and standard error goes to the error log. Default: false.</summary>
    public bool CaptureOutput { get; init; }

    /// <summary>A syslog server, or null.</summary>
    public SyslogConfig? Syslog { get; init; }

    /// <summary>A StatsD server, or null.</summary>
    public StatsdConfig? Statsd { get; init; }

    /// <summary>The header field that carries the id of a request; null: none.</summary>
    public string? RequestIdHeader { get; init; }

    /// <summary>Whether responses say how long they took, in Server-Timing. Default: false.</summary>
    public bool ServerTiming { get; init; }
}
