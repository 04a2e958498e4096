using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Service;

/// <summary>The wheel that <c>./build wheel</c> makes, in a virtual environment of its own.</summary>
internal static class InstalledPackage
{
    private static readonly Lazy<string> Wheel = new(BuildWheel);

    /// <summary>Creates a virtual environment and installs the wheel into it, without a network.</summary>
    /// <returns>The environment's folder of programs.</returns>
    public static async Task<string> InstallAsync(PythonInterpreter python, string folder)
    {
        Assert.SkipWhen(
            File.Exists(Path.ChangeExtension(RepositoryPaths.Executable, ".dll")), "The executable is not compiled to native code; run ./build.");
        CommandResult created = await Command.RunAsync(python.Path, ["-m", "venv", folder]);
        Assert.SkipWhen(
            created.ExitCode != 0 && (created.All.Contains("No module named", StringComparison.Ordinal) || created.All.Contains("ensurepip", StringComparison.Ordinal)),
            "This interpreter cannot make virtual environments with pip; Debian's can with the package python3-venv.");
        Assert.True(created.ExitCode == 0, created.All);
        string programs = Path.Combine(folder, "bin");
        CommandResult installed = await Command.RunAsync(Path.Combine(programs, "pip"), ["install", "--quiet", "--no-index", Wheel.Value]);
        Assert.True(installed.ExitCode == 0, installed.All);
        return programs;
    }

    private static string BuildWheel()
    {
        string output = Directory.CreateTempSubdirectory("darter-wheel-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(output, recursive: true);
        CommandResult result = Command.Run(
            PythonInterpreters.Default.Path, [Path.Combine(RepositoryPaths.Root, "eng", "wheel.py"), Path.GetDirectoryName(RepositoryPaths.Executable)!, output]);
        Assert.True(result.ExitCode == 0, result.All);
        return result.Output.Trim();
    }
}
