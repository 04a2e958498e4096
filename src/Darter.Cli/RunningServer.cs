using System.Runtime.InteropServices;
using Darter.Cli.Options;
using Darter.Cli.Service;
using Darter.Cli.Settings;
using Darter.Server;
using Darter.Server.Configuration;
using Darter.Server.Control;
using Darter.Workers;
using Darter.Workers.Hooks;
using Microsoft.Extensions.Logging;

namespace Darter.Cli;

/// <summary>A server while it runs: what signals and the control socket ask for is done here, one thing after the other.</summary>
internal sealed class RunningServer : IServerControl
{
    private readonly FrontServer _server;
    private readonly StopRequest _stop;
    private readonly ILogger _logger;
    private readonly Func<Task<LoadedConfig>> _readConfig;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private RunConfig _config;

    /// <param name="server">The front.</param>
    /// <param name="config">What it was started with.</param>
    /// <param name="readConfig">Reads the configuration again; not on the caller's thread, since it may take a while.</param>
    /// <param name="stop">Ends the server.</param>
    /// <param name="logger">The operator's log.</param>
    internal RunningServer(FrontServer server, RunConfig config, Func<Task<LoadedConfig>> readConfig, StopRequest stop, ILogger logger)
    {
        _server = server;
        _config = config;
        _readConfig = readConfig;
        _stop = stop;
        _logger = logger;
    }

    /// <summary>Opens the log files again (SIGUSR1), after a rotation.</summary>
    internal required Action ReopenLogs { get; init; }

    /// <summary>Starts a new front that takes over the listening sockets (SIGUSR2).</summary>
    internal required Func<Task<UpgradeOutcome>> Upgrade { get; init; }

    /// <summary>The service manager, which is told of reloads.</summary>
    internal ServiceManager? Manager { get; init; }

    /// <summary>The hooks of a Gunicorn configuration.</summary>
    internal ServerHooks? Hooks { get; init; }

    /// <summary>Handles signals until the server is to end.</summary>
    internal async Task HandleAsync(ServerSignals signals)
    {
        try
        {
            await foreach (PosixSignal signal in signals.ReadAsync(_stop.Any).ConfigureAwait(false))
            {
                await HandleAsync(signal).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    /// <inheritdoc/>
    public Task<ServerStatus> GetStatusAsync() => _server.GetStatusAsync();

    /// <inheritdoc/>
    public async Task<ReloadOutcome> ReloadAsync() => await (await BeginReloadAsync().ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>Has workers that load the code anew take the place of the present ones, with the same configuration.</summary>
    internal async Task<ReloadResult> RestartAsync() => await (await InTurnAsync(() => Task.FromResult(_server.RestartAsync())).ConfigureAwait(false)).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<ScaleOutcome> ScaleAsync(int workers)
    {
        (int before, int after) = await InTurnAsync(() => _server.ScaleAsync(_ => workers)).ConfigureAwait(false);
        return new ScaleOutcome(before, after);
    }

    /// <inheritdoc/>
    public Task<PurgeOutcome> PurgeCacheAsync(PurgeOrder order) => _server.PurgeCacheAsync(order);

    /// <inheritdoc/>
    public void Stop(bool quick) => _stop.Ask(quick ? "Control socket: stop, quick" : "Control socket: stop", quick);

    /// <inheritdoc/>
    public Task<UpgradeOutcome> UpgradeAsync() => Upgrade();

    private async Task HandleAsync(PosixSignal signal)
    {
        if (signal == PosixSignal.SIGWINCH && Terminal.IsForeground)
        {
            Messages.WindowChanged(_logger);
            return;
        }

        Messages.Signal(_logger, ServerSignals.NameOf(signal));
        switch (signal)
        {
            case PosixSignal.SIGHUP:
                // Loading may take long, and what is asked next need not wait for it; the log tells how it came out.
                _ = await BeginReloadAsync().ConfigureAwait(false);
                break;
            case PosixSignal.SIGTTIN:
                await InTurnAsync(() => _server.ScaleAsync(static workers => workers + 1)).ConfigureAwait(false);
                break;
            case PosixSignal.SIGTTOU:
                await InTurnAsync(() => _server.ScaleAsync(static workers => Math.Min(workers, Math.Max(workers - 1, 1)))).ConfigureAwait(false);
                break;
            case PosixSignal.SIGWINCH:
                Messages.WorkersLeave(_logger);
                await InTurnAsync(() => _server.ScaleAsync(static _ => 0)).ConfigureAwait(false);
                break;
            case ServerSignals.UserDefined1:
                ReopenLogs();
                break;
            case ServerSignals.UserDefined2:
                _ = UpgradeAsync();
                break;
        }
    }

    /// <summary>Reads the configuration and begins to load; the inner task ends when the new workers serve, or will not.</summary>
    private async Task<Task<ReloadOutcome>> BeginReloadAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            LoadedConfig reading = await Task.Run(_readConfig).ConfigureAwait(false);
            if (reading.Config is not { } config)
            {
                foreach (string error in reading.Errors)
                {
                    Messages.WrongConfiguration(_logger, error);
                }

                ServerStatus status = await GetStatusAsync().ConfigureAwait(false);
                return Task.FromResult(new ReloadOutcome
                {
                    Generation = status.Generation,
                    Cause = "configuration",
                    Error = string.Join('\n', reading.Errors),
                });
            }

            Manager?.Reloading("Reloading: new workers are loading the application");
            if (Hooks is not null)
            {
                await Hooks.ReloadingAsync(config.Workers).ConfigureAwait(false);
            }

            return FinishReloadAsync(config, _server.ReloadAsync(config.Server, config.Apps));
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<ReloadOutcome> FinishReloadAsync(RunConfig config, Task<ReloadResult> reload)
    {
        IReadOnlyList<string> notApplied = [.. FrontSettings.Changed(_config.Server, config.Server), .. ServiceConfig.Changed(_config.Service, config.Service)];
        if (config.LogLevel != _config.LogLevel)
        {
            notApplied = [.. notApplied, "--log-level"];
        }

        ReloadResult result = await reload.ConfigureAwait(false);
        if (!_stop.Any.IsCancellationRequested)
        {
            Manager?.Ready(result.Succeeded ? $"Serving generation {result.Generation}" : $"Reload failed; serving generation {result.Generation}");
        }

        if (!result.Succeeded)
        {
            return new ReloadOutcome
            {
                Generation = result.Generation,
                Error = result.Error,
                Cause = result.IsLoadFailure ? "application" : "server",
            };
        }

        if (notApplied.Count > 0)
        {
            Messages.NotApplied(_logger, string.Join(", ", notApplied));
        }

        _config = config with { Server = _config.Server, Service = _config.Service, LogLevel = _config.LogLevel };
        return new ReloadOutcome { Generation = result.Generation, NotApplied = notApplied };
    }

    private async Task<T> InTurnAsync<T>(Func<Task<T>> action)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            return await action().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }
}
