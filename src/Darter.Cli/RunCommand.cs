using System.CommandLine;
using System.Runtime.InteropServices;
using Darter.Server;
using Darter.Server.Configuration;
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
        foreach (Option option in options.All)
        {
            command.Options.Add(option);
        }

        command.SetAction((result, cancellation) => RunAsync(options, result, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(RunOptions options, ParseResult result, CancellationToken cancellation)
    {
        List<string> errors = [];
        (ServerConfig Server, WorkerPoolConfig Workers)? config = Bind(options, result, errors);
        if (config is not { } bound)
        {
            errors.ForEach(error => Console.Error.WriteLine($"darter: {error}"));
            return ExitCode.Configuration;
        }

        using LineLoggerProvider lines = new(Console.Error, RunOptions.LevelOf(result.GetValue(options.LogLevel)!), TimeProvider.System);
        using LoggerFactory loggers = new LoggerFactory([lines], new LoggerFilterOptions { MinLevel = LogLevel.Trace });
        ILogger logger = loggers.CreateLogger("Darter.Cli");
        using StopSignals signals = new();
        await using FrontServer server = new(bound.Server, bound.Workers, TimeProvider.System, loggers);
        try
        {
            Messages.Starting(logger, bound.Workers.Target, bound.Workers.Workers, bound.Workers.Threads, bound.Workers.Python);
            await server.StartAsync(signals.Any).ConfigureAwait(false);
        }
        catch (WorkerStartException exception)
        {
            Messages.NotLoaded(logger, bound.Workers.Target, exception.Message.TrimEnd());
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

    private static (ServerConfig Server, WorkerPoolConfig Workers)? Bind(RunOptions options, ParseResult result, List<string> errors)
    {
        List<BindAddress> binds = [];
        foreach (string text in result.GetValue(options.Bind)!)
        {
            if (BindAddress.TryParse(text, out BindAddress? address, out string? error))
            {
                binds.Add(address);
            }
            else
            {
                errors.Add($"--bind: {error}");
            }
        }

        string folder = Path.GetFullPath(result.GetValue(options.ChangeDirectory) ?? ".");
        if (!Directory.Exists(folder))
        {
            errors.Add($"--chdir: there is no folder '{folder}'");
        }

        long limitBody = result.GetValue(options.LimitRequestBody);
        if (limitBody < 0)
        {
            errors.Add("--limit-request-body must be a number of bytes, or 0 for no limit");
        }

        if (result.GetValue(options.WebSocketMaxSize) < 1)
        {
            errors.Add("--ws-max-size must be at least 1");
        }

        string target = result.GetValue(options.Target)!;
        string? named = result.GetValue(options.Python);
        if (PythonLocator.Find(named, target, folder) is not { } python)
        {
            errors.Add(named is null
                ? "there is no python3 on PATH and no virtual environment: name the interpreter with --python"
                : $"--python: '{named}' is not an executable file");
            return null;
        }

        if (Installation.FindMissing() is { } missing)
        {
            errors.Add($"this installation is not complete: there is no '{missing}'");
        }

        if (errors.Count > 0)
        {
            return null;
        }

        ServerConfig server = new()
        {
            Binds = binds,
            Loops = result.GetValue(options.Loops),
            KeepAlive = TimeSpan.FromSeconds(result.GetValue(options.KeepAlive)),
            GracefulTimeout = TimeSpan.FromSeconds(result.GetValue(options.GracefulTimeout)),
            RequestHeaderTimeout = TimeSpan.FromSeconds(result.GetValue(options.RequestHeaderTimeout)),
            LimitRequestLine = result.GetValue(options.LimitRequestLine),
            LimitRequestFields = result.GetValue(options.LimitRequestFields),
            LimitRequestFieldSize = result.GetValue(options.LimitRequestFieldSize),
            LimitRequestBody = limitBody == 0 ? null : limitBody,
            HeaderMap = RunOptions.MapOf(result.GetValue(options.HeaderMap)!),
            LimitConcurrency = result.GetValue(options.LimitConcurrency),
            Backlog = result.GetValue(options.Backlog),
            WebSockets = new WebSocketConfig
            {
                MaxSize = result.GetValue(options.WebSocketMaxSize),
                MaxQueue = result.GetValue(options.WebSocketMaxQueue),
                PingInterval = TimeSpan.FromSeconds(result.GetValue(options.WebSocketPingInterval)),
                PingTimeout = TimeSpan.FromSeconds(result.GetValue(options.WebSocketPingTimeout)),
                PerMessageDeflate = result.GetValue(options.WebSocketPerMessageDeflate),
            },
        };
        WorkerPoolConfig workers = new()
        {
            Target = target,
            Interface = result.GetValue(options.Interface)!,
            Loop = result.GetValue(options.Loop)!,
            Lifespan = result.GetValue(options.Lifespan)!,
            RootPath = result.GetValue(options.RootPath)!.TrimEnd('/'),
            WebSocketMaxQueue = server.WebSockets.MaxQueue,
            LeaveTime = server.GracefulTimeout,
            Workers = result.GetValue(options.Workers),
            Threads = result.GetValue(options.Threads),
            Python = python.Path,
            WorkingDirectory = folder,
            Library = Installation.Library,
            Bootstrap = Installation.Bootstrap,
        };
        return (server, workers);
    }
}
