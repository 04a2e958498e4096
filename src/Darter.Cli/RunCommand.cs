using System.CommandLine;
using System.Runtime.InteropServices;
using Darter.Cli.Options;
using Darter.Cli.Service;
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

            Starter.Current?.ReportFailure(string.Join('\n', errors.Select(error => $"darter: {error}")));
            return ExitCode.Configuration;
        }

        if (config.Service.Daemon && Starter.Current is null)
        {
            return await DaemonStart.RunAsync(Console.Error).ConfigureAwait(false);
        }

        using LineLoggerProvider lines = new(Console.Error, config.LogLevel, TimeProvider.System);
        using LoggerFactory loggers = new LoggerFactory([lines], new LoggerFilterOptions { MinLevel = LogLevel.Trace });
        ILogger logger = loggers.CreateLogger("Darter.Cli");
        using StopSignals signals = new();
        using FrontService service = new(config, logger);
        config = service.Config;
        await using FrontServer server = new(config.Server, config.Workers, TimeProvider.System, loggers);
        Upgrade upgrade = new(server, service, logger);
        using PosixSignalRegistration usr2 = upgrade.OnSignal();
        try
        {
            Messages.Starting(logger, config.Workers.Target, config.Workers.Workers, config.Workers.Threads, config.Workers.Python, config.PythonReason);
            service.Open(server);
            await server.StartAsync(signals.Any, acceptsWhenReady: service.TakesOver).ConfigureAwait(false);
        }
        catch (WorkerStartException exception)
        {
            service.Fail($"The application '{config.Workers.Target}' did not load.\n{exception.Message.TrimEnd()}");
            Messages.NotLoaded(logger, config.Workers.Target, exception.Message.TrimEnd());
            return ExitCode.Application;
        }
        catch (IOException exception)
        {
            service.Fail(exception.Message);
            Messages.CannotStart(logger, exception.Message);
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

        await service.ReadyAsync(server).ConfigureAwait(false);
        await Task.WhenAny(signals.WaitAsync(), upgrade.HandedOver).ConfigureAwait(false);
        service.Stopping();
        if (upgrade.HandedOver.IsCompleted)
        {
            await server.LeaveAsync(signals.Quick).ConfigureAwait(false);
        }
        else
        {
            PosixSignal signal = await signals.WaitAsync().ConfigureAwait(false);
            Messages.Stopping(logger, signal);
            upgrade.Abandon();
            await server.StopAsync(signal != PosixSignal.SIGTERM, signals.Quick).ConfigureAwait(false);
        }

        Messages.Stopped(logger);
        return ExitCode.Success;
    }
}
