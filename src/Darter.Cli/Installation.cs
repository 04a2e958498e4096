namespace Darter.Cli;

/// <summary>Where the parts lie that come with the executable.</summary>
internal static class Installation
{
    // Tests, which are executables of their own, name it in their runtimeconfig.json.
    private static string Folder => AppContext.GetData("Darter.Installation") as string ?? AppContext.BaseDirectory;

    /// <summary>The library the workers load.</summary>
    internal static string Library => Path.Combine(Folder, "libdarter.so");

    /// <summary>
    /// The workers' bootstrap, in the Python package: beside the executable when unpacked, around it when installed by pip,
    /// two folders up in a checkout.
    /// </summary>
    internal static string Bootstrap
    {
        get
        {
            string[] places = ["python/darter/worker.py", "../worker.py", "../../python/darter/worker.py"];
            IEnumerable<string> paths = places.Select(place => Path.GetFullPath(Path.Combine(Folder, place)));
            return paths.FirstOrDefault(File.Exists) ?? paths.Last();
        }
    }

    /// <summary>What executes a Gunicorn configuration.</summary>
    internal static string GunicornConfig => Path.Combine(Path.GetDirectoryName(Bootstrap)!, "gunicorn_config.py");

    /// <summary>The first part that is missing, or null.</summary>
    internal static string? FindMissing() => new[] { Library, Bootstrap }.FirstOrDefault(path => !File.Exists(path));
}
