using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Service;

/// <summary>The wheel that <c>./build wheel</c> makes, in a virtual environment of its own.</summary>
internal static class InstalledPackage
{
    // Where ensurepip has its wheel of pip: in the module, or where Debian puts it.
    private const string FindPip =
        "import ensurepip, glob, os; "
        + "print(''.join((glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), '_bundled', 'pip-*.whl')) + glob.glob('/usr/share/python-wheels/pip-*.whl'))[:1]))";

    private static readonly Lazy<string> Wheel = new(BuildWheel);

    /// <summary>Creates a virtual environment and installs the wheel into it, without a network.</summary>
    /// <returns>The environment's folder of programs.</returns>
    public static async Task<string> InstallAsync(PythonInterpreter python, string folder)
    {
        Assert.SkipWhen(
            File.Exists(Path.ChangeExtension(RepositoryPaths.Executable, ".dll")), "The executable is not compiled to native code; run ./build.");
        string pip = (await Command.RunAsync(python.Path, ["-c", FindPip])).Output.Trim();
        Assert.SkipWhen(pip.Length == 0, "This interpreter has no pip for virtual environments; Debian's has with the package python3-venv.");
        CommandResult created = await Command.RunAsync(python.Path, ["-m", "venv", "--without-pip", folder]);
        Assert.True(created.ExitCode == 0, created.All);
        string programs = Path.Combine(folder, "bin");

        // pip runs from its own wheel: unpacking it into each environment takes far longer than what is tested here.
        CommandResult installed = await Command.RunAsync(
            Path.Combine(programs, "python"), [Path.Combine(pip, "pip"), "install", "--quiet", "--no-index", "--no-compile", Wheel.Value]);
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
