using System.CommandLine;
using Darter.Cli.Options;
using Darter.Cli.Service;
using Darter.Cli.Settings;
using Darter.Server.Observability;
using Microsoft.Extensions.Logging;

namespace Darter.Cli;

/// <summary><c>darter run</c>: the production server.</summary>
internal static class RunCommand
{
    /// <summary>Examples for <c>darter run --help</c>.</summary>
    internal const string Examples = """
        Examples:
          darter run app.py                       the application in app.py
          darter run shop.wsgi:application -w 4   a module's attribute, four workers
          darter run 'app:create_app()'           a factory
          darter run path/to/project              a Django project's folder
          darter run app:app -b :80 -b unix:/run/app.sock

        """;

    /// <summary>The command, with its options.</summary>
    /// <param name="arguments">The command line after the command's name.</param>
    internal static Command Create(IReadOnlyList<string> arguments)
    {
        Command command = new("run", "Serve an application");
        RunConfigLoader loader = new(LaunchContext.OfProcess(arguments));
        loader.Describe(command);
        command.SetAction((_, cancellation) => RunAsync(loader, cancellation));
        return command;
    }

    /// <summary>Serves what the loader reads, until the server ends.</summary>
    internal static async Task<int> RunAsync(RunConfigLoader loader, CancellationToken cancellation)
    {
        LoadedConfig loaded = await loader.LoadAsync(ConfigReport.Tell, cancellation).ConfigureAwait(false);
        if (loaded.Config is not { } config)
        {
            ConfigReport.WriteFindings(loaded);
            Starter.Current?.ReportFailure(string.Join('\n', loaded.Errors.Select(error => $"darter: {error}")));
            return ExitCode.Configuration;
        }

        if (config is { Service.Daemon: true, CheckOnly: false } && Starter.Current is null)
        {
            return await DaemonStart.RunAsync(Console.Error).ConfigureAwait(false);
        }

        using ServerLogs? logs = OpenLogs(config);
        if (logs is null)
        {
            return ExitCode.Configuration;
        }

        using LineLoggerProvider lines = new(logs.Error, config.LogLevel);
        using LoggerFactory loggers = new LoggerFactory([lines], new LoggerFilterOptions { MinLevel = LogLevel.Trace });
        ILogger logger = loggers.CreateLogger("Darter.Cli");
        Tell(loaded, logger);
        return config.CheckOnly
            ? await ConfigCheck.RunAsync(loaded, loggers, logger).ConfigureAwait(false)
            : await ServerRun.RunAsync(loader, config, logs, loggers, logger).ConfigureAwait(false);
    }

    private static void Tell(LoadedConfig loaded, ILogger logger)
    {
        if (loaded.File is { } file)
        {
            Messages.ConfigurationFile(logger, file.Location);
        }

        foreach (string notice in loaded.Notices)
        {
            Messages.SettingNotice(logger, notice);
        }
    }

    private static ServerLogs? OpenLogs(RunConfig config)
    {
        try
        {
            return ServerLogs.Open(config.Server.Logging, TimeProvider.System);
        }
        catch (IOException exception)
        {
            ConfigReport.Tell(exception.Message);
            Starter.Current?.ReportFailure($"darter: {exception.Message}");
            return null;
        }
    }
}
