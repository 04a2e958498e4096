using System.CommandLine;
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

        command.SetAction((result, _) => RunAsync(options, result));
        return command;
    }

    private static async Task<int> RunAsync(RunOptions options, ParseResult result)
    {
        ConfigReading reading = ReadConfig(options, result);
        if (reading.Config is not { } config)
        {
            foreach (string error in reading.Errors)
            {
                Console.Error.WriteLine($"darter: {error}");
            }

            return ExitCode.Configuration;
        }

        using LineLoggerProvider lines = new(Console.Error, config.LogLevel, TimeProvider.System);
        using LoggerFactory loggers = new LoggerFactory([lines], new LoggerFilterOptions { MinLevel = LogLevel.Trace });
        ILogger logger = loggers.CreateLogger("Darter.Cli");
        using StopRequest stop = new();
        using ServerSignals signals = new(stop);
        await using FrontServer server = new(config.Server, config.Workers, TimeProvider.System, loggers);
        RunningServer running = new(server, config, () => ReadConfig(options, result), stop, logger);
        server.UseControl(running);
        Task handling = running.HandleAsync(signals);
        int status = await ServeAsync(server, config, stop, logger).ConfigureAwait(false);

        // Nothing is asked of the server any more.
        stop.Ask("The server has ended", quick: true);
        await handling.ConfigureAwait(false);
        return status;
    }

    private static ConfigReading ReadConfig(RunOptions options, ParseResult result)
    {
        RunConfig? config = options.Bind(result, out IReadOnlyList<string> errors);
        return new ConfigReading(config, errors);
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
