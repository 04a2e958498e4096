using Darter.Cli.Settings;
using Darter.Testing;

namespace Darter.Cli.Tests;

/// <summary>A folder with configuration files, and the configuration that comes of it.</summary>
public sealed class SettingsFixture : IDisposable
{
    public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("darter-test-");

    // The first python3 on PATH may be a script that looks for one.
    public Dictionary<string, string> Environment { get; } = new() { ["DARTER_PYTHON"] = PythonInterpreters.Default.Path };

    public void Write(string name, string text)
    {
        string path = Path.Combine(Folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    public void Dispose() => Folder.Delete(recursive: true);

    internal Task<LoadedConfig> LoadAsync(params string[] arguments) => LoadAsync(isDevelopment: false, arguments);

    /// <summary>The same for <c>darter dev</c>.</summary>
    internal Task<LoadedConfig> LoadDevelopmentAsync(params string[] arguments) => LoadAsync(isDevelopment: true, arguments);

    private Task<LoadedConfig> LoadAsync(bool isDevelopment, string[] arguments) =>
        new RunConfigLoader(new LaunchContext(arguments, Environment, Folder.FullName), isDevelopment).LoadAsync(_ => { }, TestContext.Current.CancellationToken);
}
