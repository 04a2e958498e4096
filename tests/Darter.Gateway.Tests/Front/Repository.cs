using System.Diagnostics;

namespace Darter.Gateway.Tests.Front;

/// <summary>Where the tests find what they run.</summary>
internal static class Repository
{
    private static readonly Lazy<string> Built = new(FindLibrary);

    /// <summary>The folder with the solution file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>libdarter.so: the one that DARTER_LIBRARY names, the one that ./build made if it is up to date, or one that is published now.</summary>
    public static string Library => Built.Value;

    /// <summary>The file that a worker is started with.</summary>
    public static string Worker => Path.Combine(Root, "python", "darter", "worker.py");

    /// <summary>The folder of a WSGI application of these tests.</summary>
    public static string App(string name) => Path.Combine(Root, "testassets", "apps", "wsgi", "gateway-" + name);

    /// <summary>The folder of an ASGI application of these tests.</summary>
    public static string AsgiApp(string name) => Path.Combine(Root, "testassets", "apps", "asgi", "gateway-" + name);

    private static string FindLibrary()
    {
        if (Environment.GetEnvironmentVariable("DARTER_LIBRARY") is { Length: > 0 } chosen)
        {
            return chosen;
        }

        string built = Path.Combine(Root, "artifacts", "darter", "libdarter.so");
        if (File.Exists(built) && File.GetLastWriteTimeUtc(built) > LastChange())
        {
            return built;
        }

        string folder = Path.Combine(Root, "artifacts", "gateway-tests");
        string project = Path.Combine(Root, "src", "Darter.Gateway");
        using Process publish = Process.Start(new ProcessStartInfo("dotnet", ["publish", project, "-c", "Release", "-o", folder, "-v", "quiet", "--nologo"]))!;
        publish.WaitForExit();
        string library = Path.Combine(folder, "libdarter.so");
        return publish.ExitCode == 0 && File.Exists(library) ? library : throw new InvalidOperationException("libdarter.so could not be published.");
    }

    private static DateTime LastChange() =>
        new[] { "Darter.Gateway", "Darter.CPython", "Darter.Wire" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(Root, "src", project)).Concat(
                Directory.EnumerateDirectories(Path.Combine(Root, "src", project))
                    .Where(folder => Path.GetFileName(folder) is not ("bin" or "obj"))
                    .SelectMany(Directory.EnumerateFiles)))
            .Max(File.GetLastWriteTimeUtc);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Darter.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Darter.slnx above {AppContext.BaseDirectory}.");
    }
}
