namespace Darter.Cli;

/// <summary>Where the parts lie that come with the executable.</summary>
internal static class Installation
{
    /// <summary>The library the workers load.</summary>
    internal static string Library => Path.Combine(AppContext.BaseDirectory, "libdarter.so");

    /// <summary>The workers' bootstrap: beside the executable when installed, two folders up in a checkout.</summary>
    internal static string Bootstrap
    {
        get
        {
            string installed = Path.Combine(AppContext.BaseDirectory, "python", "darter", "worker.py");
            return File.Exists(installed) ? installed : Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "python", "darter", "worker.py"));
        }
    }

    /// <summary>The first part that is missing, or null.</summary>
    internal static string? FindMissing() => new[] { Library, Bootstrap }.FirstOrDefault(path => !File.Exists(path));
}
