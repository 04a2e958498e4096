using System.CommandLine;
using Darter.Server.Configuration;
using Darter.Workers;
using Microsoft.Extensions.Logging;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>What is logged, and where to.</summary>
internal sealed class LoggingOptions : IOptionGroup
{
    internal Option<string?> AccessLogFile { get; } = new("--access-logfile")
    {
        Description = "File of the access log, - for standard output; default: none",
        HelpName = "FILE",
    };

    internal Option<string> AccessLogFormat { get; } = new("--access-logformat")
    {
        Description = "Format of its lines, with Gunicorn's atoms",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => new LoggingConfig().AccessFormat,
    };

    internal Option<bool> AccessLogJson { get; } = new("--access-log-json")
    {
        Description = "Write the access log as JSON, an object a line",
    };

    internal Option<string> ErrorLogFile { get; } = new("--error-logfile", "--log-file")
    {
        Description = "File of the error log, - for standard error",
        HelpName = "FILE",
        DefaultValueFactory = _ => "-",
    };

    internal Option<string> LogLevel { get; } = OneOf(["debug", "info", "warning", "error", "critical"], new("--log-level")
    {
        Description = "Least severity logged: debug, info, warning, error or critical",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => "info",
    });

    internal Option<bool> LogJson { get; } = new("--log-json")
    {
        Description = "Write the error log as JSON, an object a line",
    };

    internal Option<bool> CaptureOutput { get; } = new("--capture-output")
    {
        Description = "Write what the workers print to the error log, with the worker's name",
    };

    internal Option<string?> RequestIdHeader { get; } = new("--request-id-header")
    {
        Description = "Header field that carries an id of each request, to the application and back; default: none",
        HelpName = "NAME",
    };

    internal Option<bool> ServerTiming { get; } = new("--server-timing")
    {
        Description = "Say in the field Server-Timing of responses how many milliseconds queue and application took",
    };

    /// <inheritdoc/>
    public IEnumerable<Option> All =>
        [AccessLogFile, AccessLogFormat, AccessLogJson, ErrorLogFile, LogLevel, LogJson, CaptureOutput, RequestIdHeader, ServerTiming];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        config.LogLevel = LevelOf(result.GetValue(LogLevel)!);
        string format = result.GetValue(AccessLogFormat)!;
        bool json = result.GetValue(AccessLogJson);
        if (!Server.Observability.AccessLogFormat.TryParse(format, out _, out string? error))
        {
            config.Errors.Add($"--access-logformat: {error}");
        }

        if (json && result.GetResult(AccessLogFormat) is { Implicit: false })
        {
            config.Errors.Add("--access-logformat does not apply to --access-log-json; choose one");
        }

        string? id = result.GetValue(RequestIdHeader);
        if (id is not null && (id.Length is 0 or > 64 || id.Any(character => !char.IsAsciiLetterOrDigit(character) && character != '-')))
        {
            config.Errors.Add($"--request-id-header: '{id}' is no name for it: use letters, digits and hyphens");
        }

        string errorFile = PathOf(config, result.GetValue(ErrorLogFile)) ?? "-";
        bool capture = result.GetValue(CaptureOutput);
        config.Workers = config.Workers with
        {
            // As in Gunicorn: what an application reports in wsgi.errors, and the tracebacks, belong into the error log's file.
            Output = capture ? WorkerOutput.All : errorFile == "-" ? WorkerOutput.Inherited : WorkerOutput.Errors,
        };
        config.Server = config.Server with
        {
            Logging = config.Server.Logging with
            {
                AccessFile = PathOf(config, result.GetValue(AccessLogFile)),
                AccessFormat = format,
                AccessJson = json,
                ErrorFile = errorFile,
                ErrorJson = result.GetValue(LogJson),
                CaptureOutput = capture,
                RequestIdHeader = id,
                ServerTiming = result.GetValue(ServerTiming),
            },
        };
    }

    /// <summary>Paths are relative to --chdir, as in Gunicorn.</summary>
    private static string? PathOf(RunConfigBuilder config, string? path) =>
        path is null or "-" ? path : Path.GetFullPath(path, Path.GetFullPath(config.Workers.WorkingDirectory is { Length: > 0 } folder ? folder : "."));

    private static LogLevel LevelOf(string name) => name switch
    {
        "debug" => Microsoft.Extensions.Logging.LogLevel.Debug,
        "warning" => Microsoft.Extensions.Logging.LogLevel.Warning,
        "error" => Microsoft.Extensions.Logging.LogLevel.Error,
        "critical" => Microsoft.Extensions.Logging.LogLevel.Critical,
        _ => Microsoft.Extensions.Logging.LogLevel.Information,
    };
}
