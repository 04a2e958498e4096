using Darter.Transport;
using Darter.Wire;
using Darter.Workers.Hooks;
using Microsoft.Extensions.Logging;

namespace Darter.Workers;

/// <summary>
/// Keeps the workers of a pool alive: starts them, replaces those that die, changes from one generation to the next, ends
/// them in order. Loop thread only, but for the methods that return tasks.
/// </summary>
internal sealed partial class Supervisor : IChannelOwner
{
    private readonly WorkerPoolConfig _config;
    private readonly EventLoop _loop;
    private readonly RequestQueue _queue;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Func<WorkerPoolConfig, IWorkerLauncher> _createLauncher;
    private readonly List<Worker> _workers = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Generation? _serving;
    private Generation? _loading;
    private int _lastGeneration;
    private bool _stopping;

    internal Supervisor(
        WorkerPoolConfig config,
        Func<WorkerPoolConfig, IWorkerLauncher> createLauncher,
        EventLoop loop,
        RequestQueue queue,
        TimeProvider time,
        ILogger logger)
    {
        _config = config;
        _createLauncher = createLauncher;
        _loop = loop;
        _queue = queue;
        _time = time;
        _logger = logger;
        PrepareWatching(config);
    }

    /// <summary>The hooks of a Gunicorn configuration.</summary>
    internal ServerHooks? Hooks { get; init; }

    /// <summary>Starts the workers; the task ends when all are ready, or fails with <see cref="WorkerStartException"/>.</summary>
    internal Task StartAsync()
    {
        Post(() =>
        {
            if (!_stopping)
            {
                Hooks?.WorkersChanged(_config.Workers, before: null);
                Load(_config, []);
            }
        });
        return _started.Task;
    }

    /// <inheritdoc/>
    public void OnReady(Channel channel, string version)
    {
        Worker worker = channel.Worker;
        if (worker.State != WorkerState.Starting || !worker.Channels.TrueForAll(other => other.State == ChannelState.Ready))
        {
            return;
        }

        Generation generation = worker.Generation;
        worker.State = WorkerState.Ready;
        worker.ReadySince = _time.GetTimestamp();
        Log.WorkerReady(_logger, worker.Number, worker.ProcessId, version);
        NoteMemory(worker);
        if (generation.State == GenerationState.Serving || _serving is null)
        {
            // At the start nobody else is there to serve, so the first one need not wait for the others.
            _queue.AddChannels(worker.Channels);
            DismissPredecessor(worker);
        }

        TakeOverIfLoaded(generation);
    }

    /// <inheritdoc/>
    public void OnLoadFailed(Channel channel, string reason)
    {
        Worker worker = channel.Worker;
        worker.LoadFailed = true;
        if (!FailLoading(worker.Generation, reason))
        {
            Log.LoadFailed(_logger, worker.Number, worker.ProcessId, reason.TrimEnd());
            KillAfter(worker, FailedLeaveTime);
        }
    }

    /// <inheritdoc/>
    public void OnProgress(Channel channel)
    {
        _queue.Fill(channel);
        if (channel.Worker.LeavePhase == LeavePhase.Streams && !_stopping)
        {
            EndIfStreamsAreOver(channel.Worker);
        }
    }

    /// <inheritdoc/>
    public void OnReturned(WorkerStream stream) => _queue.AddReturned(stream);

    /// <inheritdoc/>
    public void OnLeaving(Channel channel)
    {
        Worker worker = channel.Worker;
        if (worker.State is not (WorkerState.Starting or WorkerState.Ready))
        {
            return;
        }

        TakeBack(worker);
        LetLeave(worker, keepStreams: false);

        // What it has may take its time; its place is taken now.
        if (worker.HasPlace && worker.Generation.State == GenerationState.Serving)
        {
            worker.HasPlace = false;
            Relaunch(worker);
        }

        _queue.Distribute();
    }

    /// <inheritdoc/>
    public void OnClosed(Channel channel, string? error)
    {
        Worker worker = channel.Worker;
        _queue.RemoveChannel(channel);
        if (error is not null)
        {
            if (!FailLoading(worker.Generation, $"The worker {error}."))
            {
                Log.ChannelBroken(_logger, worker.Number, worker.ProcessId, error);
            }

            worker.Kill();
        }
        else if (worker.State is WorkerState.Starting or WorkerState.Ready)
        {
            // It is leaving, or dead and not yet reported: its other channels may finish what they have.
            LetLeave(worker, keepStreams: false);
        }

        _queue.Distribute();
    }

    /// <inheritdoc/>
    public void OnLog(Channel channel, WorkerLogLevel level, string text)
    {
        channel.Worker.ReportedError |= channel.Worker.State == WorkerState.Starting && level == WorkerLogLevel.Error;
        Log.FromWorker(_logger, (LogLevel)((int)level + 1), channel.Worker.Number, text);
    }

    private void Post(Action action) => _loop.Post(new LoopAction(action));

    /// <summary>Runs something on the loop and returns what it returns.</summary>
    private Task<T> CallAsync<T>(Func<T> function)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                done.SetResult(function());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task;
    }
}
