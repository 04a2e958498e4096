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

    /// <summary>How long a worker that leaves while others serve may finish what it has. Default 30 s, as Gunicorn's graceful timeout.</summary>
    public TimeSpan LeaveTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a worker that another one replaces may keep its WebSockets and event streams; zero: not at all. Default
    /// 30 s, as <see cref="LeaveTime"/>.
    /// </summary>
    public TimeSpan StreamLeaveTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The interpreter: path of an executable.</summary>
    public required string Python { get; init; }

    /// <summary>The application's folder: the workers' current directory and the first entry of their sys.path.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Path of libdarter.so.</summary>
    public required string Library { get; init; }

    /// <summary>Path of the worker's bootstrap, <c>darter/worker.py</c>.</summary>
    public required string Bootstrap { get; init; }
}
