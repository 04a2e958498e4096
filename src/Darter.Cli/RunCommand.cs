using System.CommandLine;
using Darter.Cli.Options;
using Darter.Cli.Settings;
using Darter.Server;
using Darter.Server.Observability;
using Darter.Workers;
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

    private static async Task<int> RunAsync(RunConfigLoader loader, CancellationToken cancellation)
    {
        LoadedConfig loaded = await loader.LoadAsync(ConfigReport.Tell, cancellation).ConfigureAwait(false);
        if (loaded.Config is not { } config)
        {
            ConfigReport.WriteFindings(loaded);
            return ExitCode.Configuration;
        }

        using LineLoggerProvider lines = new(Console.Error, config.LogLevel, TimeProvider.System);
        using LoggerFactory loggers = new LoggerFactory([lines], new LoggerFilterOptions { MinLevel = LogLevel.Trace });
        ILogger logger = loggers.CreateLogger("Darter.Cli");
        if (loaded.File is { } file)
        {
            Messages.ConfigurationFile(logger, file.Location);
        }

        foreach (string notice in loaded.Notices)
        {
            Messages.SettingNotice(logger, notice);
        }

        if (config.CheckOnly)
        {
            return await ConfigCheck.RunAsync(loaded, loggers, logger).ConfigureAwait(false);
        }

        using StopRequest stop = new();
        using ServerSignals signals = new(stop);
        await using FrontServer server = new(config.Server, config.Workers, TimeProvider.System, loggers);
        RunningServer running = new(server, config, () => loader.LoadAsync(ConfigReport.Tell, stop.Any), stop, logger);
        server.UseControl(running);
        Task handling = running.HandleAsync(signals);
        int status = await ServeAsync(server, config, stop, logger).ConfigureAwait(false);

        // Nothing is asked of the server any more.
        stop.Ask("The server has ended", quick: true);
        await handling.ConfigureAwait(false);
        return status;
    }

    /// <summary>Starts the server and waits for its end; returns the exit status.</summary>
    private static async Task<int> ServeAsync(FrontServer server, RunConfig config, StopRequest stop, ILogger logger)
    {
        try
        {
            Messages.Starting(logger, config.Workers.Target, config.Workers.Workers, config.Workers.Threads, config.Workers.Python);
            await server.StartAsync(stop.Any).ConfigureAwait(false);
        }
        catch (WorkerStartException exception)
        {
            Messages.NotLoaded(logger, config.Workers.Target, exception.Message.TrimEnd());
            return ExitCode.Application;
        }
        catch (IOException exception)
        {
            Messages.CannotListen(logger, exception.Message);
            return ExitCode.Configuration;
        }
        catch (OperationCanceledException)
        {
            // An import may take for ever, and nothing has been answered yet.
            Messages.Stopping(logger, (await stop.WaitAsync().ConfigureAwait(false)).Cause);
            await server.StopAsync(quick: true, CancellationToken.None).ConfigureAwait(false);
            Messages.Stopped(logger);
            return ExitCode.Success;
        }

        (string cause, bool quick) = await stop.WaitAsync().ConfigureAwait(false);
        Messages.Stopping(logger, cause);
        await server.StopAsync(quick, stop.Quick).ConfigureAwait(false);
        Messages.Stopped(logger);
        return ExitCode.Success;
    }
}
