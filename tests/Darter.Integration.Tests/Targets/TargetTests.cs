namespace Darter.Integration.Tests.Targets;

/// <summary>Every way to name an application.</summary>
public class TargetTests(ServerPool pool) : ServerTest(pool)
{
    // Target, option for the folder, and what the application answers. FOLDER stands for the folder of the applications.
    private static readonly (string Target, string? Folder, string Answer)[] Targets =
    [
        ("plain:application", "FOLDER", "application with its sibling"),
        ("plain:other", "FOLDER", "other with its sibling"),
        ("plain:make()", "FOLDER", "make() with its sibling"),
        ("plain:make_named('x')", "FOLDER", "make_named(x) with its sibling"),
        ("plain:make_named('x', suffix='y')", "FOLDER", "make_named(xy) with its sibling"),
        ("plain:instance", "FOLDER", "object with its sibling"),
        ("plain:instance.method", "FOLDER", "method with its sibling"),
        ("plain:EachRequest", "FOLDER", "class with its sibling"),
        ("plain", "FOLDER", "application with its sibling"),
        ("only_app", "FOLDER", "only app"),
        ("package", "FOLDER", "package"),
        ("package:application", "FOLDER", "package"),
        ("package.inner.wsgi", "FOLDER", "package.inner.wsgi"),
        ("package.inner.wsgi:application", "FOLDER", "package.inner.wsgi"),
        ("plain.py", "FOLDER", "application with its sibling"),
        ("plain.py:other", "FOLDER", "other with its sibling"),
        ("./plain.py:make()", "FOLDER", "make() with its sibling"),
        ("package/inner/wsgi.py", "FOLDER", "package.inner.wsgi"),
        ("FOLDER/plain.py", null, "application with its sibling"),
        ("FOLDER/plain.py:other", null, "other with its sibling"),
        ("FOLDER/package/inner/wsgi.py", null, "package.inner.wsgi"),
        ("FOLDER/folder", null, "folder folder"),
        ("folder", "FOLDER", "folder folder"),
        (".", "FOLDER/folder", "folder folder"),
        ("FOLDER/shadow/json.py", null, "shadow"),
    ];

    public static MatrixTheoryData<string, int> PythonsAndTargets => new(Ends, Enumerable.Range(0, Targets.Length));

    // The loading of applications is Python's: the oldest and the newest interpreter are enough.
    private static IReadOnlyList<string> Ends => Rows.Pythons.Count > 1 ? [Rows.Pythons[0], Rows.Pythons[^1]] : Rows.Pythons;

    [Theory]
    [MemberData(nameof(PythonsAndTargets))]
    public async Task Target_OfAnyForm_IsFound(string python, int row)
    {
        (string target, string? folder, string answer) = Targets[row];
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = Resolve(target),
            Arguments = folder is null ? [] : ["--chdir", Resolve(folder)],
            Python = PythonInterpreters.Get(python),
        });
        RawResponse response = await RawConnection.ExchangeAsync(server.Address, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(answer, response.Text);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Target_InTheWorkingFolder_IsFound()
    {
        DarterServer server = await StartAsync(new DarterServerOptions { Target = "plain:application", WorkingDirectory = Resolve("FOLDER") });
        RawResponse response = await RawConnection.ExchangeAsync(server.Address, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal("application with its sibling", response.Text);
    }

    [Fact]
    public async Task Target_OnPythonPath_IsFound()
    {
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = "plain:application",
            Environment = new Dictionary<string, string?> { ["PYTHONPATH"] = Resolve("FOLDER") },
        });
        RawResponse response = await RawConnection.ExchangeAsync(server.Address, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal("application with its sibling", response.Text);
    }

    private static string Resolve(string text) => text.Replace("FOLDER", RepositoryPaths.WsgiApp("targets"), StringComparison.Ordinal);
}
