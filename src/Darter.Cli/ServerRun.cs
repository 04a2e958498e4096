using Darter.Cli.Development;
using Darter.Cli.Options;
using Darter.Cli.Service;
using Darter.Cli.Settings;
using Darter.Server;
using Darter.Server.Configuration;
using Darter.Server.Observability;
using Darter.Workers;
using Darter.Workers.Hooks;
using Microsoft.Extensions.Logging;

namespace Darter.Cli;

/// <summary>The life of a server, from its start to its end.</summary>
internal sealed class ServerRun
{
    private readonly RunConfig _config;
    private readonly FrontServer _server;
    private readonly FrontService _service;
    private readonly Upgrade _upgrade;
    private readonly ServerHooks? _hooks;
    private readonly DevelopmentSession? _development;
    private readonly StopRequest _stop;
    private readonly ILogger _logger;

    private ServerRun(RunConfig config, FrontServer server, FrontService service, Upgrade upgrade, ServerHooks? hooks, DevelopmentSession? development, StopRequest stop, ILogger logger)
    {
        _development = development;
        _config = config;
        _server = server;
        _service = service;
        _upgrade = upgrade;
        _hooks = hooks;
        _stop = stop;
        _logger = logger;
    }

    /// <summary>Serves until a signal, or a command, ends the server; returns the exit status.</summary>
    internal static async Task<int> RunAsync(RunConfigLoader loader, RunConfig config, ServerLogs logs, ILoggerFactory loggers, ILogger logger)
    {
        using StopRequest stop = new();
        using ServerSignals signals = new(stop);
        using FrontService service = new(config, logger);
        DevelopmentSession? development = DevelopmentSession.Create(service.Config);
        config = development?.Apply(service.Config) ?? service.Config;
        using ServerHooks? hooks = ServerHooks.Create(config.Workers, loggers.CreateLogger<ServerHooks>());
        await using FrontServer? server = Compose(config, service, hooks, logs, loggers, logger);
        if (server is null)
        {
            return ExitCode.Configuration;
        }

        Upgrade upgrade = new(server, service, hooks, logger);
        RunningServer running = new(server, config, ReadAsync, stop, logger)
        {
            ReopenLogs = logs.Reopen,
            Upgrade = upgrade.UpgradeAsync,
            Manager = service.Manager,
            Hooks = hooks,
        };
        server.UseControl(running);
        using IDisposable? watching = development?.Begin(server, running);
        Task handling = running.HandleAsync(signals);
        int status = await new ServerRun(config, server, service, upgrade, hooks, development, stop, logger).RunAsync().ConfigureAwait(false);

        // Nothing is asked of the server any more.
        stop.Ask("The server has ended", quick: true);
        await handling.ConfigureAwait(false);
        return status;

        async Task<LoadedConfig> ReadAsync()
        {
            LoadedConfig loaded = await loader.LoadAsync(ConfigReport.Tell, stop.Any).ConfigureAwait(false);
            return loaded.Config is not { } read ? loaded
                : loaded with { Config = development is null ? service.Apply(read) : development.Apply(service.Apply(read)) };
        }
    }

    /// <summary>The front; null, said in the log, if a file that it needs cannot be used.</summary>
    private static FrontServer? Compose(RunConfig config, FrontService service, ServerHooks? hooks, ServerLogs logs, ILoggerFactory loggers, ILogger logger)
    {
        try
        {
            return new FrontServer(config.Server, config.Apps, TimeProvider.System, loggers, logs, hooks);
        }
        catch (IOException exception)
        {
            service.Fail(exception.Message);
            Messages.CannotStart(logger, exception.Message);
            return null;
        }
    }

    private async Task<int> RunAsync()
    {
        if (await StartAsync().ConfigureAwait(false) is { } status)
        {
            return status;
        }

        await _service.ReadyAsync(_server).ConfigureAwait(false);
        _hooks?.Ready();
        _development?.Ready(_config);
        await Task.WhenAny(_stop.WaitAsync(), _upgrade.HandedOver).ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
        if (_hooks is not null)
        {
            await _hooks.ExitingAsync().ConfigureAwait(false);
        }

        Messages.Stopped(_logger);
        return ExitCode.Success;
    }

    /// <summary>Starts it; an exit status if there is nothing to serve.</summary>
    private async Task<int?> StartAsync()
    {
        try
        {
            foreach (AppConfig app in _config.Apps)
            {
                WorkerPoolConfig workers = app.Workers;
                string reason = workers.Python == _config.Workers.Python ? _config.PythonReason : $"of {app.Name}";
                Messages.Starting(_logger, workers.Target, workers.Workers, workers.Threads, workers.Python, reason);
            }

            _service.Open(_server);
            if (_hooks is not null && await _hooks.StartingAsync().WaitAsync(_stop.Any).ConfigureAwait(false) is { } error)
            {
                _service.Fail($"The hook on_starting failed.\n{error}");
                return ExitCode.Configuration;
            }

            await _server.StartAsync(_stop.Any, acceptsWhenReady: _service.TakesOver).ConfigureAwait(false);
            return null;
        }
        catch (WorkerStartException exception)
        {
            _service.Fail($"The application '{_config.Targets}' did not load.\n{exception.Message.TrimEnd()}");
            Messages.NotLoaded(_logger, _config.Targets, exception.Message.TrimEnd());
            return ExitCode.Application;
        }
        catch (IOException exception)
        {
            _service.Fail(exception.Message);
            Messages.CannotStart(_logger, exception.Message);
            return ExitCode.Configuration;
        }
        catch (OperationCanceledException)
        {
            // An import may take for ever, and nothing has been answered yet.
            Messages.Stopping(_logger, (await _stop.WaitAsync().ConfigureAwait(false)).Cause);
            await _server.StopAsync(quick: true, CancellationToken.None).ConfigureAwait(false);
            Messages.Stopped(_logger);
            return ExitCode.Success;
        }
    }

    private async Task EndAsync()
    {
        _service.Stopping();
        if (_upgrade.HandedOver.IsCompleted)
        {
            await _server.LeaveAsync(_stop.Quick).ConfigureAwait(false);
            return;
        }

        (string cause, bool quick) = await _stop.WaitAsync().ConfigureAwait(false);
        Messages.Stopping(_logger, cause);
        _upgrade.Abandon();
        await _server.StopAsync(quick, _stop.Quick).ConfigureAwait(false);
    }
}
