namespace Darter.Integration.Tests.Infrastructure;

/// <summary>Base of tests that need servers: stops those of the test's own, and shows what they logged when the test fails.</summary>
public abstract class ServerTest(ServerPool pool) : IAsyncDisposable
{
    private readonly List<(DarterServer Server, int Mark)> _used = [];
    private readonly List<IAsyncDisposable> _owned = [];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            foreach ((DarterServer server, int mark) in _used)
            {
                TestContext.Current.TestOutputHelper?.WriteLine(server.Describe(mark));
            }
        }

        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            await _owned[i].DisposeAsync();
        }
    }

    /// <summary>A server that other tests use too: it must be left as it was.</summary>
    protected async Task<DarterServer> ShareAsync(DarterServerOptions options) => Watch(await pool.GetAsync(options));

    /// <summary>Shows what the server logs from now on when the test fails.</summary>
    protected DarterServer Watch(DarterServer server)
    {
        _used.Add((server, server.Log.Count));
        return server;
    }

    /// <summary>The server that has most behaviours of WSGI applications, run by the interpreter of this name.</summary>
    protected Task<DarterServer> ShareCoreAsync(string python) =>
        ShareAsync(new DarterServerOptions { Target = App("core"), Python = PythonInterpreters.Get(python) });

    /// <summary>The same, run by the default interpreter.</summary>
    protected Task<DarterServer> ShareCoreAsync() => ShareCoreAsync(PythonInterpreters.Default.Name);

    /// <summary>A server of this test alone.</summary>
    protected async Task<DarterServer> StartAsync(DarterServerOptions options)
    {
        DarterServer server = await DarterServer.StartAsync(options);
        _used.Add((server, 0));
        return Own(server);
    }

    /// <summary>A server of this test alone that may not become ready.</summary>
    protected DarterServer Launch(DarterServerOptions options)
    {
        DarterServer server = DarterServer.Launch(options);
        _used.Add((server, 0));
        return Own(server);
    }

    /// <summary>Disposes something when the test is over, before what was owned earlier.</summary>
    protected T Own<T>(T resource)
        where T : IAsyncDisposable
    {
        _owned.Add(resource);
        return resource;
    }

    /// <summary>A gate that opens for good when the test is over.</summary>
    protected Gate OpenGate() => Own(new Gate());

    /// <summary>A folder that is deleted when the test is over.</summary>
    protected string TemporaryFolder() => Own(new TemporaryFolder()).Path;

    /// <summary>The target of the application of one behaviour.</summary>
    protected static string App(string behaviour) => Path.Combine(RepositoryPaths.WsgiApp(behaviour), "app.py");
}
