using System.CommandLine;
using System.Runtime.InteropServices;
using Darter.Cli.Options;
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
    internal static Command Create()
    {
        RunOptions options = new();
        Command command = new("run", "Serve an application")
        {
            options.Target,
        };
        foreach (Option option in options.Groups.SelectMany(group => group.All))
        {
            command.Options.Add(option);
        }

        command.SetAction((result, cancellation) => RunAsync(options, result, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(RunOptions options, ParseResult result, CancellationToken cancellation)
    {
        if (options.Bind(result, out IReadOnlyList<string> errors) is not { } config)
        {
            foreach (string error in errors)
            {
                Console.Error.WriteLine($"darter: {error}");
            }

            return ExitCode.Configuration;
        }

        using ServerLogs? logs = OpenLogs(config);
        if (logs is null)
        {
            return ExitCode.Configuration;
        }

        using LineLoggerProvider lines = new(logs.Error, config.LogLevel);
        using LoggerFactory loggers = new LoggerFactory([lines], new LoggerFilterOptions { MinLevel = LogLevel.Trace });
        ILogger logger = loggers.CreateLogger("Darter.Cli");
        using StopSignals signals = new();
        using ReopenSignal reopen = new(logs);
        await using FrontServer server = new(config.Server, config.Workers, TimeProvider.System, loggers, logs);
        try
        {
            Messages.Starting(logger, config.Workers.Target, config.Workers.Workers, config.Workers.Threads, config.Workers.Python);
            await server.StartAsync(signals.Any).ConfigureAwait(false);
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
            Messages.Stopping(logger, await signals.WaitAsync().ConfigureAwait(false));
            await server.StopAsync(quick: true, CancellationToken.None).ConfigureAwait(false);
            Messages.Stopped(logger);
            return ExitCode.Success;
        }

        PosixSignal signal = await signals.WaitAsync().ConfigureAwait(false);
        Messages.Stopping(logger, signal);
        await server.StopAsync(signal != PosixSignal.SIGTERM, signals.Quick).ConfigureAwait(false);
        Messages.Stopped(logger);
        return ExitCode.Success;
    }

    private static ServerLogs? OpenLogs(RunConfig config)
    {
        try
        {
            return ServerLogs.Open(config.Server.Logging, TimeProvider.System);
        }
        catch (IOException exception)
        {
            Console.Error.WriteLine($"darter: {exception.Message}");
            return null;
        }
    }
}
