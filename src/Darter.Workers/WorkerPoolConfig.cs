using Darter.Workers.Hooks;

namespace Darter.Workers;

/// <summary>How the workers of one application are started and stopped.</summary>
public sealed record WorkerPoolConfig
{
    /// <summary>How the user names the application, as typed.</summary>
    public required string Target { get; init; }

    /// <summary>"auto", "wsgi", "asgi" or "tornado".</summary>
    public string Interface { get; init; } = "auto";

    /// <summary>The event loop of ASGI workers: "auto", "asyncio", "uvloop" or "module:factory".</summary>
    public string Loop { get; init; } = "auto";

    /// <summary>ASGI's lifespan protocol: "auto", "on" or "off".</summary>
    public string Lifespan { get; init; } = "auto";

    /// <summary>ASGI's root_path: where in the site's paths the application is mounted.</summary>
    public string RootPath { get; init; } = "";

    /// <summary>Most messages of a WebSocket that wait for the application, at least 1. Default 32, as uvicorn.</summary>
    public int WebSocketMaxQueue { get; init; } = 32;

    /// <summary>Number of worker processes, at least 1.</summary>
    public required int Workers { get; init; }

    /// <summary>Threads that run requests in each worker, at least 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// Whether the application is loaded once, in a process from which the workers are forked, so that they share its
    /// memory. Default: each worker loads it.
    /// </summary>
    public bool Preload { get; init; }

    /// <summary>The server hooks of a Gunicorn configuration, if it has some.</summary>
    public HooksConfig? Hooks { get; init; }

    /// <summary>How long a worker that leaves while others serve may finish what it has. Default 30 s, as Gunicorn's graceful timeout.</summary>
    public TimeSpan LeaveTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a worker that another one replaces may keep its WebSockets and event streams; zero: not at all. Default
    /// 30 s, as <see cref="LeaveTime"/>.
    /// </summary>
    public TimeSpan StreamLeaveTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What becomes of the workers' output. Default: it goes where the front's own goes.</summary>
    public WorkerOutput Output { get; init; }

    /// <summary>Takes the lines of the output, if the front is to read it.</summary>
    public IWorkerOutput? OutputTo { get; init; }

    /// <summary>
    /// How long a worker may give no sign of life while it has requests; zero: for ever. A worker that runs one request at a
    /// time gives one with each answer, threads and event loops whenever they are asked. Default 30 s, as Gunicorn.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a single request may run, from when a worker has started it. Default zero: for ever.</summary>
    public TimeSpan RequestTimeout { get; init; }

    /// <summary>Whether a GET or HEAD request whose worker died before it answered is run once more. Default: 502.</summary>
    public bool RetryIdempotent { get; init; }

    /// <summary>Requests after which a worker is replaced. Default 0: none, as Gunicorn.</summary>
    public int MaxRequests { get; init; }

    /// <summary>A random number up to this is added to <see cref="MaxRequests"/>, for each worker. Default 0, as Gunicorn.</summary>
    public int MaxRequestsJitter { get; init; }

    /// <summary>Resident memory in bytes above which a worker is replaced. Default 0: any.</summary>
    public long MaxMemory { get; init; }

    /// <summary>Most requests that may wait for a worker, 503 beyond. Default 0: any number.</summary>
    public int MaxQueue { get; init; }

    /// <summary>How long a request may wait for a worker, then 503. Default zero: for ever.</summary>
    public TimeSpan QueueTimeout { get; init; }

    /// <summary>What workers do for whoever develops the application; null: nothing of it, the production server.</summary>
    public DevelopmentConfig? Development { get; init; }

    /// <summary>Who the workers run as; null: as the front does. Another one than the front's takes the rights of root.</summary>
    public WorkerUser? User { get; init; }

    /// <summary>The interpreter: path of an executable.</summary>
    public required string Python { get; init; }

    /// <summary>The application's folder: the workers' current directory and the first entry of their sys.path.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Folders of modules, before all others in sys.path; the last one first, as Gunicorn. Relative ones are meant from
    /// <see cref="WorkingDirectory"/>. Default: none.</summary>
    public IReadOnlyList<string> PythonPath { get; init; } = [];

    /// <summary>What the workers have in their environment beside the front's. Default: nothing.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The processes' name in ps; null: their command lines as they are.</summary>
    public string? ProcessName { get; init; }

    /// <summary>Path of libdarter.so.</summary>
    public required string Library { get; init; }

    /// <summary>Path of the worker's bootstrap, <c>darter/worker.py</c>.</summary>
    public required string Bootstrap { get; init; }
}
