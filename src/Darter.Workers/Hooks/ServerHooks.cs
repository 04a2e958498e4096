using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Darter.Workers.Hooks;

/// <summary>
/// The hooks of Gunicorn's master, in a Python process of their own: they run one after another, in the order in which
/// they are called. A hook that fails is logged. Any thread.
/// </summary>
public sealed partial class ServerHooks : IDisposable
{
    // Gunicorn waits for ever. A hook that does not end must not keep the server from starting or ending.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(2);

    private readonly HooksConfig _hooks;
    private readonly WorkerPoolConfig _config;
    private readonly ILogger _logger;
    private readonly BlockingCollection<(HookCall Call, TaskCompletionSource<string?> Done)> _calls = [];
    private readonly Thread _thread;
    private int _isStarted;

    private ServerHooks(HooksConfig hooks, WorkerPoolConfig config, ILogger logger)
    {
        _hooks = hooks;
        _config = config;
        _logger = logger;

        // The process is killed when the thread that started it ends, so this one stays.
        _thread = new Thread(Run) { Name = "darter-hooks", IsBackground = true };
    }

    /// <summary>The hooks; null if the configuration has none for this process. It is started with the first call.</summary>
    public static ServerHooks? Create(WorkerPoolConfig config, ILogger<ServerHooks> logger)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.Hooks is { ConcernServer: true } hooks ? new ServerHooks(hooks, config, logger) : null;
    }

    /// <summary>Calls on_starting; the error if it raises an exception, for which Gunicorn does not start.</summary>
    public Task<string?> StartingAsync() => CallAsync(new HookCall { Hook = "on_starting" });

    /// <summary>Calls when_ready.</summary>
    public void Ready() => Call(new HookCall { Hook = "when_ready" });

    /// <summary>Reads the hooks of the new configuration, calls its on_reload, and waits for it.</summary>
    public Task ReloadingAsync(WorkerPoolConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return CallAsync(new HookCall { Hook = "on_reload", Place = config.Hooks is { } hooks ? HookPlace.Of(hooks, config) : null });
    }

    /// <summary>Calls on_exit, and waits for it.</summary>
    public Task ExitingAsync() => CallAsync(new HookCall { Hook = "on_exit" });

    /// <summary>Calls pre_exec, and waits for it.</summary>
    public Task UpgradingAsync() => CallAsync(new HookCall { Hook = "pre_exec" });

    /// <summary>Calls nworkers_changed.</summary>
    public void WorkersChanged(int now, int? before) => Call(new HookCall { Hook = "nworkers_changed", New = now, Old = before });

    /// <summary>Calls pre_fork, and waits for it.</summary>
    internal Task StartingWorkerAsync(int number) => CallAsync(new HookCall { Hook = "pre_fork", Age = number });

    /// <summary>A worker was started; <c>server.WORKERS</c> has it.</summary>
    internal void WorkerStarted(int number, int pid) => Call(new HookCall { Hook = "forked", Age = number, Pid = pid });

    /// <summary>Calls child_exit.</summary>
    internal void WorkerEnded(int number, int pid) => Call(new HookCall { Hook = "child_exit", Age = number, Pid = pid });

    /// <summary>Ends the process, once it has done what was called for, within reason.</summary>
    public void Dispose()
    {
        _calls.CompleteAdding();
        if (Volatile.Read(ref _isStarted) != 0)
        {
            _thread.Join(EndTime);
        }
    }

    private void Call(HookCall call) => _ = CallAsync(call);

    private async Task<string?> CallAsync(HookCall call)
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
        {
            _thread.Start();
        }

        TaskCompletionSource<string?> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _calls.Add((call, done));
        }
        catch (InvalidOperationException)
        {
            // The server has ended; a worker that ends later is no news.
            return null;
        }

        try
        {
            return await done.Task.WaitAsync(Patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.Slow(_logger, call.Hook, _hooks.Location, Patience.TotalSeconds);
            return null;
        }
    }

    private void Run()
    {
        string? failure = null;
        try
        {
            string place = JsonSerializer.Serialize(HookPlace.Of(_hooks, _config), HookJson.Default.HookPlace);
            using Process process = PythonStart.Run(_config, "DARTER_ARBITER", place, "hooks", [], hasPipes: true);
            failure = Answer(process.StandardOutput);
            if (failure is not null)
            {
                Log.NotLoaded(_logger, _hooks.Location, failure);
            }

            Serve(process, failure);
            process.StandardInput.Close();
            if (!process.WaitForExit(EndTime))
            {
                process.Kill();
            }
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or InvalidOperationException)
        {
            failure ??= exception.Message;
            Log.NotLoaded(_logger, _hooks.Location, failure);
        }

        foreach ((_, TaskCompletionSource<string?> done) in _calls.GetConsumingEnumerable())
        {
            done.TrySetResult(failure);
        }
    }

    private void Serve(Process process, string? failure)
    {
        foreach ((HookCall call, TaskCompletionSource<string?> done) in _calls.GetConsumingEnumerable())
        {
            string? error = failure ?? Exchange(process, call);
            if (failure is null && error is not null)
            {
                Log.Failed(_logger, call.Hook, _hooks.Location, error);
            }

            done.TrySetResult(error);
        }
    }

    private static string? Exchange(Process process, HookCall call)
    {
        try
        {
            process.StandardInput.WriteLine(JsonSerializer.Serialize(call, HookJson.Default.HookCall));
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // The answer, or that there is none, tells more.
        }

        return Answer(process.StandardOutput);
    }

    /// <summary>Waits for an answer; null if it tells of no error.</summary>
    private static string? Answer(StreamReader answers)
    {
        try
        {
            return answers.ReadLine() is { } line ? JsonSerializer.Deserialize(line, HookJson.Default.HookAnswer)?.Error : "the process of the hooks ended";
        }
        catch (JsonException)
        {
            return "the process of the hooks answered something that is no answer";
        }
    }

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Error, "The hook {Hook} of {Location} failed:\n{Error}")]
        internal static partial void Failed(ILogger logger, string hook, string location, string error);

        [LoggerMessage(131, LogLevel.Error, "The hooks of {Location} cannot be called: {Error}")]
        internal static partial void NotLoaded(ILogger logger, string location, string error);

        [LoggerMessage(132, LogLevel.Warning, "The hook {Hook} of {Location} has not ended after {Seconds} s and is not waited for")]
        internal static partial void Slow(ILogger logger, string hook, string location, double seconds);
    }
}
