using Darter.Testing.Processes;

namespace Darter.Testing;

/// <summary>Every CPython of 3.8 or later on this machine: pyenv's, the system's and the one on the path.</summary>
public static class PythonInterpreters
{
    /// <summary>Names interpreters, separated by colons, to be used instead of those found.</summary>
    public const string OverrideVariable = "DARTER_TEST_PYTHONS";

    private const string SystemPython = "/usr/bin/python3";

    private const string Probe =
        "import os, sys; print(sys.implementation.name, '%d.%d.%d' % sys.version_info[:3], os.path.realpath(sys.executable))";

    private static readonly Lazy<IReadOnlyList<PythonInterpreter>> Found = new(Find);

    /// <summary>All of them, oldest first; at least one.</summary>
    public static IReadOnlyList<PythonInterpreter> All => Found.Value;

    /// <summary>
    /// Those for tests of the whole server: the oldest, <see cref="Default"/> and the newest, since what differs between
    /// versions is the business of the worker's library, which is tested with all of them. Those that were named are all used.
    /// </summary>
    public static IReadOnlyList<PythonInterpreter> Several =>
        IsChosen ? All : [.. new[] { All[0], Default, All[^1] }.Distinct().OrderBy(python => python.Version)];

    /// <summary>The one for tests that need no more than one: the system's when it is there, for its packages.</summary>
    public static PythonInterpreter Default => System ?? All[^1];

    /// <summary>The system's, which has the Debian packages, or null.</summary>
    public static PythonInterpreter? System => Inspect(SystemPython) is { } system ? All.FirstOrDefault(python => python == system) : null;

    /// <summary>The interpreter with this <see cref="PythonInterpreter.Name"/>.</summary>
    public static PythonInterpreter Get(string name) => All.Single(python => python.Name == name);

    /// <summary>Whether <paramref name="python"/> can import a module.</summary>
    public static bool CanImport(PythonInterpreter python, string module) =>
        Command.Run(python.Path, ["-c", $"import {module}"]).ExitCode == 0;

    private static bool IsChosen => Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 };

    private static List<PythonInterpreter> Find()
    {
        List<PythonInterpreter> found = Candidates()
            .Select(Inspect)
            .OfType<PythonInterpreter>()
            .Where(python => python.Version >= new Version(3, 8))
            .Distinct()
            .OrderBy(python => python.Version)
            .ToList();
        return found.Count > 0 ? found : throw new InvalidOperationException("There is no CPython of 3.8 or later.");
    }

    private static string[] Candidates()
    {
        if (Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } chosen)
        {
            return chosen.Split(':', StringSplitOptions.RemoveEmptyEntries);
        }

        string pyenv = Environment.GetEnvironmentVariable("PYENV_ROOT")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pyenv");
        string versions = Path.Combine(pyenv, "versions");
        IEnumerable<string> ofPyenv = Directory.Exists(versions)
            ? Directory.GetDirectories(versions).Select(folder => Path.Combine(folder, "bin", "python3"))
            : [];
        IEnumerable<string> onPath = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "python3"))
            .Where(File.Exists)
            .Take(1);
        return [.. ofPyenv, SystemPython, "/usr/local/bin/python3", .. onPath];
    }

    private static PythonInterpreter? Inspect(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        CommandResult result = Command.Run(path, ["-c", Probe]);
        string[] words = result.Output.Trim().Split(' ', 3);
        return result.ExitCode == 0 && words is ["cpython", var version, var real] ? new PythonInterpreter(real, Version.Parse(version)) : null;
    }
}
