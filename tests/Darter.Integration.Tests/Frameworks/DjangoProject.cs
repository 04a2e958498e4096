using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Frameworks;

/// <summary>A server with a copy of the Django project of the tests, its database made and an administrator in it.</summary>
public sealed class DjangoProject : IAsyncLifetime
{
    /// <summary>Name and password of the administrator.</summary>
    public const string Administrator = "admin";

    private readonly TemporaryFolder _folder = new();
    private DarterServer? _server;

    /// <summary>The server; the calling test is skipped when there is no Django.</summary>
    public DarterServer Server
    {
        get
        {
            Require.SystemPython("django");
            return _server!;
        }
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (PythonInterpreters.System is not { } python || !PythonInterpreters.CanImport(python, "django"))
        {
            return;
        }

        string project = Path.Combine(_folder.Path, "project");
        Copy(RepositoryPaths.WsgiApp("django"), project);
        await ManageAsync(python, project, "migrate", "--verbosity=0");
        await ManageAsync(python, project, "createsuperuser", "--noinput", $"--username={Administrator}", "--email=admin@example.com");
        _server = await DarterServer.StartAsync(new DarterServerOptions { Target = project, Python = python, Workers = 2, Threads = 2 });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await _folder.DisposeAsync();
    }

    private static async Task ManageAsync(PythonInterpreter python, string project, params string[] arguments)
    {
        var environment = new Dictionary<string, string?>
        {
            ["DJANGO_SUPERUSER_PASSWORD"] = Administrator,
            ["PYTHONPATH"] = RepositoryPaths.Support,
            ["PYTHONDONTWRITEBYTECODE"] = "1",
        };
        CommandResult result = await Command.RunAsync(python.Path, ["manage.py", .. arguments], project, environment);
        Assert.True(result.ExitCode == 0, result.All);
    }

    private static void Copy(string source, string destination)
    {
        Directory.CreateDirectory(destination);
        foreach (string file in Directory.GetFiles(source))
        {
            File.Copy(file, Path.Combine(destination, Path.GetFileName(file)));
        }

        foreach (string folder in Directory.GetDirectories(source))
        {
            Copy(folder, Path.Combine(destination, Path.GetFileName(folder)));
        }
    }
}
