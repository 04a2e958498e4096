using Darter.Server.Configuration;

namespace Darter.Server.Observability;

/// <summary>The logs of a server: opened before it starts, closed when it has ended.</summary>
public sealed class ServerLogs : IDisposable
{
    private readonly List<LogOutput> _outputs = [];
    private readonly LoggingConfig _config;
    private readonly LogOutput? _errors;

    private ServerLogs(LoggingConfig config, TimeProvider time)
    {
        _config = config;
        LogOutput? syslog = config.Syslog is { } to ? Add("darter-syslog", new SyslogSink(to.Address), $"The syslog server {to.Address.Text}", Report) : null;
        FileLogSink error = config.ErrorFile == "-" ? FileLogSink.ToStandardError() : Open(config.ErrorFile, "--error-logfile");
        _errors = Add("darter-error-log", error, NameOf("error", config.ErrorFile), ReportErrorLog);
        Error = new ErrorLog(_errors, config.ErrorJson, syslog, config.Syslog is null ? null : new SyslogTag(config.Syslog, "error"), time);

        if (config.Statsd is { } statsd)
        {
            Statsd = new Statsd(Add("darter-statsd", new StatsdSink(statsd.Address), $"The StatsD server {statsd.Address.Text}", Report), statsd);
            Error.Statsd = Statsd;
        }

        LogOutput? accessSyslog = config.Syslog is { Access: true } ? syslog : null;
        if (config.AccessFile is null && accessSyslog is null)
        {
            return;
        }

        LogOutput? access = config.AccessFile is { } path
            ? Add("darter-access-log", path == "-" ? FileLogSink.ToStandardOutput() : Open(path, "--access-logfile"), NameOf("access", path), Report)
            : null;
        AccessLogFormat? format = AccessLogFormat.TryParse(config.AccessFormat, out AccessLogFormat? parsed, out string? wrong)
            ? parsed
            : throw new ArgumentException(wrong, nameof(config));
        Access = new AccessLog(access, accessSyslog, accessSyslog is null ? null : new SyslogTag(config.Syslog!, "access"), format, config, time);
    }

    /// <summary>The error log.</summary>
    public ErrorLog Error { get; }

    /// <summary>The access log, or null.</summary>
    internal AccessLog? Access { get; }

    /// <summary>The metrics, or null.</summary>
    internal Statsd? Statsd { get; }

    /// <summary>Opens the logs.</summary>
    /// <exception cref="IOException">A file cannot be opened; the message names the option.</exception>
    public static ServerLogs Open(LoggingConfig config, TimeProvider time) => new(config, time);

    /// <summary>Opens the files anew, since they were renamed. Any thread; what was logged before still goes to the old ones.</summary>
    public void Reopen() => _outputs.ForEach(output => output.Reopen());

    /// <inheritdoc/>
    public void Dispose()
    {
        // The error log last: the others may have to report what they lost.
        foreach (LogOutput output in _outputs.OrderBy(output => output == _errors))
        {
            output.Dispose();
        }
    }

    private static string NameOf(string log, string path) => path == "-" ? $"The {log} log" : $"The {log} log '{path}'";

    private FileLogSink Open(string path, string option)
    {
        try
        {
            return FileLogSink.Open(path);
        }
        catch (IOException exception)
        {
            Dispose();
            throw new IOException($"{option}: cannot open '{path}': {exception.Message}", exception);
        }
    }

    private LogOutput Add(string thread, ILogSink sink, string name, Action<string> report)
    {
        LogOutput output = new(thread, sink, new LogTrouble(name, report));
        _outputs.Add(output);
        return output;
    }

    private void Report(string text) => Error.Report(text);

    /// <summary>An error log that cannot be written has to be reported elsewhere, and in itself once it can.</summary>
    private void ReportErrorLog(string text)
    {
        Report(text);
        if (_config.ErrorFile != "-")
        {
            Console.Error.WriteLine($"darter: {text}");
        }
    }
}
