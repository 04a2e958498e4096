using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Frameworks;

/// <summary>
/// A copy of the Django project with a database of its own, made once for the tests of a class: migrated, with a
/// superuser. Its servers end before it is deleted.
/// </summary>
public sealed class DjangoProject : IAsyncLifetime
{
    /// <summary>Name of the superuser.</summary>
    public const string UserName = "admin";

    /// <summary>Password of the superuser.</summary>
    public const string Password = "correct horse battery staple";

    private readonly TemporaryFolder _folder = new();
    private readonly ServerPool _pool = new();

    /// <summary>The folder of the project.</summary>
    public string Path => _folder.Path;

    /// <summary>How to start the project: the folder as the target, or a module of it.</summary>
    public DarterServerOptions Options(string application) => application == "folder"
        ? new DarterServerOptions { Target = Path, Python = Require.SystemPython("django") }
        : new DarterServerOptions { Target = $"project.{application}", WorkingDirectory = Path, Python = Require.SystemPython("django") };

    /// <summary>The server started with these options.</summary>
    public Task<DarterServer> GetAsync(DarterServerOptions options) => _pool.GetAsync(options);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (PythonInterpreters.System is not { } python || !PythonInterpreters.CanImport(python, "django"))
        {
            // The tests will say so.
            return;
        }

        string source = RepositoryPaths.WsgiApp("django");
        foreach (string file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(source, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        await ManageAsync(python, "migrate", "--verbosity", "0");
        await ManageAsync(python, "createsuperuser", "--noinput", "--username", UserName, "--email", "admin@example.org");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private async Task ManageAsync(PythonInterpreter python, params string[] arguments)
    {
        var environment = new Dictionary<string, string?> { ["DJANGO_SUPERUSER_PASSWORD"] = Password, ["PYTHONPATH"] = RepositoryPaths.Support };
        CommandResult result = await Command.RunAsync(python.Path, ["manage.py", .. arguments], Path, environment);
        Assert.True(result.ExitCode == 0, result.All);
    }
}
