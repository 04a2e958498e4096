namespace Darter.Testing;

/// <summary>How to start a server.</summary>
public sealed record DarterServerOptions
{
    /// <summary>The target: how the application is named on the command line; null for a command line without one.</summary>
    public required string? Target { get; init; }

    /// <summary>The command: run, or dev.</summary>
    public string CommandName { get; init; } = "run";

    /// <summary>Addresses to bind; by default one of the system's choice on the loopback interface.</summary>
    public IReadOnlyList<string> Binds { get; init; } = ["127.0.0.1:0"];

    /// <summary>Number of worker processes; the server's default when null.</summary>
    public int? Workers { get; init; } = 1;

    /// <summary>Threads of each worker; the server's default when null.</summary>
    public int? Threads { get; init; }

    /// <summary>The interpreter; <see cref="PythonInterpreters.Default"/> when null.</summary>
    public PythonInterpreter? Python { get; init; }

    /// <summary>Whether to name the interpreter on the command line.</summary>
    public bool NamePython { get; init; } = true;

    /// <summary>The working directory of the server; the temporary folder by default, as nothing must depend on it.</summary>
    public string WorkingDirectory { get; init; } = Path.GetTempPath();

    /// <summary>Whether it has a session of its own, and so is in the foreground of no terminal.</summary>
    public bool OwnSession { get; init; }

    /// <summary>More options for the command line.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Environment variables to set, or to remove by a null.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The program; by default the executable that <c>./build</c> makes.</summary>
    public string Program { get; init; } = RepositoryPaths.Executable;

    /// <summary>What comes before the program's arguments, such as <c>-m darter</c> of an interpreter.</summary>
    public IReadOnlyList<string> ProgramArguments { get; init; } = [];

    /// <summary>Whether the program has no arguments beside <see cref="ProgramArguments"/>.</summary>
    public bool NoOptions { get; init; }

    /// <summary>A command that ends by executing the program, whose path and arguments follow its own.</summary>
    public IReadOnlyList<string> Launcher { get; init; } = [];

    /// <summary>The whole command.</summary>
    internal IEnumerable<string> Command() => [.. Launcher, Program, .. ProgramArguments, .. NoOptions ? [] : CommandLine()];

    /// <summary>The command line after the name of the program.</summary>
    public IEnumerable<string> CommandLine()
    {
        List<string> line = Target is null ? [CommandName] : [CommandName, Target];
        foreach (string bind in Binds)
        {
            line.AddRange(["--bind", bind]);
        }

        if (Workers is { } workers)
        {
            line.AddRange(["--workers", $"{workers}"]);
        }

        if (Threads is { } threads)
        {
            line.AddRange(["--threads", $"{threads}"]);
        }

        if (NamePython)
        {
            line.AddRange(["--python", (Python ?? PythonInterpreters.Default).Path]);
        }

        return [.. line, .. Arguments];
    }
}
