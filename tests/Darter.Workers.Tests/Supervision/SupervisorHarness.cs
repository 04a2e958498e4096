using System.Collections.Concurrent;
using Darter.Transport;
using Darter.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Darter.Workers.Tests.Supervision;

/// <summary>A supervisor and its queue, with workers that the test plays.</summary>
internal sealed class SupervisorHarness : IDisposable
{
    private readonly EventLoopGroup _loops;
    private readonly bool _ownsLoops;
    private readonly List<ScriptedLauncher> _launchers = [];
    private readonly LineLog _log = new();

    public SupervisorHarness(int workers, Func<WorkerPoolConfig, WorkerPoolConfig>? configure = null, EventLoopGroup? loops = null)
    {
        _ownsLoops = loops is null;
        _loops = loops ?? new EventLoopGroup(1, NullLogger.Instance);
        Config = new WorkerPoolConfig
        {
            Target = "test",
            Workers = workers,
            Python = "python",
            WorkingDirectory = "",
            Library = "",
            Bootstrap = "",
        };
        Config = configure?.Invoke(Config) ?? Config;
        Queue = Run(() => new RequestQueue(Loop));
        Supervisor = new Supervisor(Config, CreateLauncher, Loop, Queue, TimeProvider.System, _log);
    }

    /// <summary>An interpreter that cannot be started.</summary>
    public const string NoInterpreter = "nowhere";

    public WorkerPoolConfig Config { get; }

    public EventLoop Loop => _loops.Loops[0];

    public RequestQueue Queue { get; }

    public Supervisor Supervisor { get; }

    public IReadOnlyCollection<string> Log => _log.Lines;

    /// <summary>The launcher of a generation, from 1.</summary>
    public ScriptedLauncher Launcher(int generation)
    {
        lock (_launchers)
        {
            return _launchers[generation - 1];
        }
    }

    /// <summary>Waits until a generation has launched this many workers altogether, and returns the last of them.</summary>
    public LaunchedWorker Launched(int generation, int count)
    {
        WaitUntil(() => Generations >= generation && Launcher(generation).Workers.Count >= count, $"worker {count} of generation {generation}");
        Assert.Equal(count, Launcher(generation).Workers.Count);
        return Launcher(generation).Workers[count - 1];
    }

    /// <summary>How many generations there have been.</summary>
    public int Generations
    {
        get
        {
            lock (_launchers)
            {
                return _launchers.Count;
            }
        }
    }

    /// <summary>Starts the first generation and makes all its workers ready.</summary>
    public async Task<LaunchedWorker[]> StartAsync(ApplicationInterface application = ApplicationInterface.Wsgi)
    {
        Task start = Supervisor.StartAsync();
        LaunchedWorker[] workers = MakeReady(1, Config.Workers, application);
        await start.WaitAsync(Patience);
        return workers;
    }

    /// <summary>Makes the first <paramref name="count"/> workers of a generation ready.</summary>
    public LaunchedWorker[] MakeReady(int generation, int count, ApplicationInterface application = ApplicationInterface.Wsgi)
    {
        Launched(generation, count);
        LaunchedWorker[] workers = [.. Launcher(generation).Workers];
        Array.ForEach(workers, worker => worker.BecomeReady(application));
        return workers;
    }

    /// <summary>Begins a reload, and returns when it has come to the supervisor.</summary>
    public Task<ReloadResult> Reload(WorkerPoolConfig? config = null)
    {
        Task<ReloadResult> reload = Supervisor.ReloadAsync(config ?? Config);
        Run(static () => true);
        return reload;
    }

    public FakeStream Add(FakeStream stream)
    {
        Run(() => Queue.Add(stream));
        return stream;
    }

    public PoolStatus Status => Supervisor.GetStatusAsync().WaitAsync(Patience).GetAwaiter().GetResult();

    /// <summary>The states of a generation's workers, in the order of their numbers.</summary>
    public string States(int generation) =>
        string.Join(' ', Status.Workers.Where(worker => worker.Generation == generation).Select(worker => $"{worker.Number}:{worker.State}"));

    /// <summary>A worker as the supervisor has it; to be called on the loop.</summary>
    public Worker Find(int generation, int number) =>
        Supervisor.Workers.First(worker => worker.Generation.Number == generation && worker.Number == number);

    public void WaitForStates(int generation, string states) =>
        WaitUntil(() => States(generation) == states, $"generation {generation} to be {states}; it is {States(generation)}");

    public void Run(Action action) => Run(() =>
    {
        action();
        return true;
    });

    public T Run<T>(Func<T> function)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(new LoopAction(() =>
        {
            try
            {
                done.SetResult(function());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        }));
        return done.Task.WaitAsync(Patience).GetAwaiter().GetResult();
    }

    public static void WaitUntil(Func<bool> condition, string description) =>
        Assert.True(SpinWait.SpinUntil(condition, Patience), $"waited in vain for {description}");

    public void Dispose()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', Log));
        }

        Task stop = Supervisor.StopAsync(TimeSpan.Zero, CancellationToken.None);
        stop.WaitAsync(Patience).GetAwaiter().GetResult();
        Assert.All(Launchers, launcher => Assert.True(launcher.IsDisposed));
        foreach (LaunchedWorker worker in Launchers.SelectMany(launcher => launcher.Workers))
        {
            Assert.True(worker.HasEnded);
            worker.Dispose();
        }

        if (_ownsLoops)
        {
            _loops.Dispose();
        }
    }

    public static TimeSpan Patience => TimeSpan.FromSeconds(30);

    private List<ScriptedLauncher> Launchers
    {
        get
        {
            lock (_launchers)
            {
                return [.. _launchers];
            }
        }
    }

    private ScriptedLauncher CreateLauncher(WorkerPoolConfig config)
    {
        lock (_launchers)
        {
            _launchers.Add(new ScriptedLauncher(_launchers.Count + 1) { Error = config.Python == NoInterpreter ? "no such file" : null });
            return _launchers[^1];
        }
    }

    private sealed class LineLog : ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
    }
}
