using Microsoft.Extensions.Logging;

namespace Darter.Workers;

internal sealed partial class Supervisor
{
    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Information, "Booting worker {Number} with pid: {ProcessId}")]
        internal static partial void WorkerStarted(ILogger logger, int number, int processId);

        [LoggerMessage(101, LogLevel.Debug, "Worker {Number} (pid {ProcessId}) is ready: Python {Version}")]
        internal static partial void WorkerReady(ILogger logger, int number, int processId, string version);

        [LoggerMessage(102, LogLevel.Error, "Worker {Number} (pid {ProcessId}) could not load the application:\n{Reason}")]
        internal static partial void LoadFailed(ILogger logger, int number, int processId, string reason);

        [LoggerMessage(103, LogLevel.Error, "Worker {Number} (pid {ProcessId}) {Error}. The channel is closed and the worker replaced.")]
        internal static partial void ChannelBroken(ILogger logger, int number, int processId, string error);

        [LoggerMessage(EventId = 104, Message = "Worker {Number} (pid {ProcessId}) ended: {Status}")]
        internal static partial void WorkerEnded(ILogger logger, LogLevel level, int number, int processId, ExitStatus status);

        [LoggerMessage(105, LogLevel.Error, "Cannot start worker {Number}: {Error}")]
        internal static partial void CannotLaunch(ILogger logger, int number, string error);

        [LoggerMessage(106, LogLevel.Warning, "Worker {Number} will be started again in {Seconds:0.0} s, since workers end soon after their start")]
        internal static partial void Backoff(ILogger logger, int number, double seconds);

        [LoggerMessage(107, LogLevel.Error, "No worker is left and none could be started: requests are answered 503 until one is ready")]
        internal static partial void Down(ILogger logger);

        [LoggerMessage(108, LogLevel.Warning, "Worker {Number} (pid {ProcessId}) did not end in time and is killed; see --graceful-timeout")]
        internal static partial void Killed(ILogger logger, int number, int processId);

        [LoggerMessage(112, LogLevel.Error, "The application could not be loaded: requests are answered 503 until a source changes:\n{Reason}")]
        internal static partial void RestartFailed(ILogger logger, string reason);

        [LoggerMessage(111, LogLevel.Error, "The application could not be loaded for --preload:\n{Reason}")]
        internal static partial void NotPreloaded(ILogger logger, string reason);

        [LoggerMessage(150, LogLevel.Error, "Worker {Number} (pid {ProcessId}) {Why} for longer than --timeout {Seconds}: it is interrupted and replaced")]
        internal static partial void Stuck(ILogger logger, int number, int processId, string why, double seconds);

        [LoggerMessage(151, LogLevel.Error, "Worker {Number} (pid {ProcessId}) runs a request for longer than --request-timeout {Seconds}")]
        internal static partial void Late(ILogger logger, int number, int processId, double seconds);

        [LoggerMessage(152, LogLevel.Error, "Worker {Number} (pid {ProcessId}) was running {Request}, for {Seconds:0.000} s")]
        internal static partial void Running(ILogger logger, int number, int processId, string request, double seconds);

        [LoggerMessage(153, LogLevel.Error, "Worker {Number} (pid {ProcessId}) was running {Count} more requests")]
        internal static partial void RunningMore(ILogger logger, int number, int processId, int count);

        [LoggerMessage(154, LogLevel.Error, "Worker {Number} (pid {ProcessId}): {Line}")]
        internal static partial void Stack(ILogger logger, int number, int processId, string line);

        [LoggerMessage(155, LogLevel.Error, "Worker {Number} (pid {ProcessId}) did not react to the interrupt and is killed")]
        internal static partial void NotInterrupted(ILogger logger, int number, int processId);

        [LoggerMessage(156, LogLevel.Error, "Worker {Number} (pid {ProcessId}) did not end a request that was cancelled: it is replaced when its other requests are done")]
        internal static partial void NotCancelled(ILogger logger, int number, int processId);

        [LoggerMessage(157, LogLevel.Information, "Worker {Number} (pid {ProcessId}) is replaced: {Why}")]
        internal static partial void Recycled(ILogger logger, int number, int processId, string why);

        [LoggerMessage(158, LogLevel.Warning, "Worker {Number} (pid {ProcessId}) takes {Used} MiB as soon as it has loaded the application, more than --max-memory allows: it is not replaced for that")]
        internal static partial void LargeFromTheStart(ILogger logger, int number, int processId, long used);

        [LoggerMessage(159, LogLevel.Error, "The worker that was to replace worker {Number} ended before it was ready; the old one serves on")]
        internal static partial void NotRecycled(ILogger logger, int number);

        [LoggerMessage(EventId = 109, Message = "Worker {Number}: {Text}")]
        internal static partial void FromWorker(ILogger logger, LogLevel level, int number, string text);

        [LoggerMessage(120, LogLevel.Information, "Reloading: generation {Number} starts, workers: {Workers}")]
        internal static partial void Reloading(ILogger logger, int number, int workers);

        [LoggerMessage(121, LogLevel.Information, "Generation {Number} serves; generation {Old} finishes what it has")]
        internal static partial void TookOver(ILogger logger, int number, int old);

        [LoggerMessage(122, LogLevel.Error, "Reload failed: generation {Number} did not load, generation {Serving} keeps serving.\n{Reason}")]
        internal static partial void ReloadFailed(ILogger logger, int number, int serving, string reason);

        [LoggerMessage(123, LogLevel.Information, "Generation {Number} is given up while it loads, since another reload was asked for")]
        internal static partial void ReloadSuperseded(ILogger logger, int number);

        [LoggerMessage(126, LogLevel.Warning, "Reload failed: generation {Number} is given up, since {Why}; generation {Serving} keeps serving")]
        internal static partial void GivenUpTogether(ILogger logger, int number, string why, int serving);

        [LoggerMessage(127, LogLevel.Information, "Generation {Number} is given up while it loads, since {Why}")]
        internal static partial void Abandoned(ILogger logger, int number, string why);

        [LoggerMessage(128, LogLevel.Error, "Reload failed: the new application did not load.\n{Reason}")]
        internal static partial void NewNotLoaded(ILogger logger, string reason);

        [LoggerMessage(124, LogLevel.Information, "Workers: {Before} -> {After}")]
        internal static partial void Scaled(ILogger logger, int before, int after);

        [LoggerMessage(125, LogLevel.Information, "Worker {Number} (pid {ProcessId}) leaves: its WebSockets and event streams are closed now; see --graceful-stream-timeout")]
        internal static partial void StreamsEnded(ILogger logger, int number, int processId);
    }
}
