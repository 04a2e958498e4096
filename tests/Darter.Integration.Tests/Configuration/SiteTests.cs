using System.Net;
using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Configuration;

/// <summary>A <c>darter.toml</c> with applications, upstreams and routes.</summary>
public sealed class SiteTests(ServerPool pool) : ServerTest(pool)
{
    private const string Shop = """
        def app(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [f"shop {environ['SCRIPT_NAME']} {environ['PATH_INFO']} {environ.get('HTTP_X_ADDED')}".encode()]
        """;

    private const string Api = """
        async def app(scope, receive, send):
            if scope["type"] == "lifespan":
                return
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": f"api {scope['root_path']} {scope['path']}".encode()})
        """;

    private const string Site = """
        bind = ["127.0.0.1:0"]
        workers = 1
        python = "PYTHON"
        control_socket = "CONTROL"

        [apps.shop]
        target = "shop:app"
        workers = 2

        [apps.api]
        target = "api:app"

        [[routes]]
        path = "/static/*"
        files = "public"

        [[routes]]
        path = "/version"
        response = { status = 200, body = "one" }

        [[routes]]
        path = "/api/*"
        app = "api"
        mount = "/api"
        response_headers = { x-served = "by api" }

        [[routes]]
        path = "/shop/*"
        app = "shop"
        mount = "/shop"
        request_headers = { x-added = "1" }
        """;

    private readonly string _control = Path.Combine(Path.GetTempPath(), $"darter-{Guid.NewGuid():N}.sock");

    [Fact]
    public async Task Site_AnswersFromApplicationsFilesAndItself()
    {
        (DarterServer server, _) = await StartSiteAsync();
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{server.Address.Port}") };

        Assert.Equal("shop /shop /cart 1", await GetAsync(client, "/shop/cart"));
        Assert.Equal("a file", await GetAsync(client, "/static/a.txt"));
        Assert.Equal("one", await GetAsync(client, "/version"));
        using HttpResponseMessage api = await client.GetAsync("/api/items", TestContext.Current.CancellationToken);
        Assert.Equal("api /api /api/items", await api.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("by api", Assert.Single(api.Headers.GetValues("X-Served")));
        using HttpResponseMessage nothing = await client.GetAsync("/nothing", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);

        Assert.Equal(["shop", "api"], await ApplicationsAsync());
        Assert.Contains(server.Log.Lines(), line => line.Contains("shop: Booting worker 2", StringComparison.Ordinal));
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Reload_OfTheWholeFile_LosesNoRequest_AndAWrongFileChangesNothing()
    {
        (DarterServer server, string file) = await StartSiteAsync();
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{server.Address.Port}") };
        using CancellationTokenSource end = new();
        Task<int> load = AskAsync(client, end.Token);

        string site = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, site.Replace("app = \"api\"", "app = \"apo\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        CommandResult wrong = await DarterAsync("reload");
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("there is no [apps.apo]; did you mean api?", wrong.Output + wrong.Errors, StringComparison.Ordinal);
        Assert.Equal("one", await GetAsync(client, "/version"));

        await File.WriteAllTextAsync(
            file,
            site.Replace("\"one\"", "\"two\"", StringComparison.Ordinal).Replace("[apps.api]", "[apps.new]\ntarget = \"shop:app\"\n\n[apps.api]", StringComparison.Ordinal)
                + "\n\n[[routes]]\npath = \"/new/*\"\napp = \"new\"\n",
            TestContext.Current.CancellationToken);
        Assert.Equal(0, (await DarterAsync("reload")).ExitCode);
        Assert.Equal("two", await GetAsync(client, "/version"));
        Assert.Equal("shop  /new/x None", await GetAsync(client, "/new/x"));
        Assert.Equal(["shop", "new", "api"], await ApplicationsAsync());

        await File.WriteAllTextAsync(file, site, TestContext.Current.CancellationToken);
        Assert.Equal(0, (await DarterAsync("reload")).ExitCode);
        Assert.Equal("one", await GetAsync(client, "/version"));
        Assert.Equal(["shop", "api"], await ApplicationsAsync());

        await end.CancelAsync();
        Assert.True(await load > 0);
    }

    [Fact]
    public async Task Reload_OfSeveralApplications_IsAllOrNothing()
    {
        (DarterServer server, string file) = await StartSiteAsync();
        string folder = Path.GetDirectoryName(file)!;
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{server.Address.Port}") };
        string site = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

        // One has new code, another does not load, a third is new, and a route is changed: nothing of it holds.
        await WriteAsync("shop.py", Shop.Replace("shop {", "shop 2 {", StringComparison.Ordinal));
        await WriteAsync("api.py", "raise RuntimeError('not today')");
        await WriteAsync("darter.toml", site.Replace("\"one\"", "\"two\"", StringComparison.Ordinal).Replace("[apps.api]", "[apps.new]\ntarget = \"shop:app\"\n\n[apps.api]", StringComparison.Ordinal));
        CommandResult failed = await DarterAsync("reload");
        Assert.Equal(3, failed.ExitCode);
        Assert.Contains("The application 'api' (api:app)", failed.Output + failed.Errors, StringComparison.Ordinal);
        Assert.Equal(["one", "shop /shop /x 1", "api /api /api/x"], await AllAsync(client));
        Assert.Equal(["shop", "api"], await ApplicationsAsync());
        Assert.Contains(server.Log.Lines(), line => line.Contains("shop: Reload failed: generation 2 is given up, since the application 'api:app' could not be reloaded", StringComparison.Ordinal));

        // One that is still loading gives way to the next one, and that takes effect for all.
        await WriteAsync("api.py", "import threading\nthreading.Event().wait()");
        server.Send(Signal.Hangup);
        await server.Log.WaitForAsync("api: Reloading: generation 3");
        await WriteAsync("api.py", Api.Replace("api {", "api 2 {", StringComparison.Ordinal));
        Assert.Equal(0, (await DarterAsync("reload")).ExitCode);
        Assert.Equal(["two", "shop 2 /shop /x 1", "api 2 /api /api/x"], await AllAsync(client));
        Assert.Equal(["shop", "new", "api"], await ApplicationsAsync());

        // The server ends although one loads.
        await WriteAsync("api.py", "import threading\nthreading.Event().wait()");
        server.Send(Signal.Hangup);
        await server.Log.WaitForAsync("api: Reloading: generation 5");
        Assert.Equal(0, await server.StopAsync());

        Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(folder, name), text, TestContext.Current.CancellationToken);
    }

    private static async Task<string[]> AllAsync(HttpClient client) => [await GetAsync(client, "/version"), await GetAsync(client, "/shop/x"), await GetAsync(client, "/api/x")];

    private async Task<(DarterServer Server, string File)> StartSiteAsync()
    {
        string folder = TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder, "public"));
        string file = Path.Combine(folder, "darter.toml");
        string site = Site.Replace("PYTHON", PythonInterpreters.Default.Path, StringComparison.Ordinal).Replace("CONTROL", _control, StringComparison.Ordinal);
        foreach ((string name, string text) in ((string, string)[])[("shop.py", Shop), ("api.py", Api), ("public/a.txt", "a file"), ("darter.toml", site)])
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), text, TestContext.Current.CancellationToken);
        }

        DarterServer server = Launch(new DarterServerOptions { Target = null, Binds = [], Workers = null, NamePython = false, WorkingDirectory = folder });
        await server.Log.WaitForAsync("Ready:");
        await Wait.Until(() => server.Addresses.Count == 1, () => server.Describe());
        return (server, file);
    }

    /// <summary>Asks both applications again and again; how often.</summary>
    private static async Task<int> AskAsync(HttpClient client, CancellationToken end)
    {
        int count = 0;
        for (; !end.IsCancellationRequested; count++)
        {
            Assert.Equal("shop /shop /x 1", await GetAsync(client, "/shop/x"));
            Assert.Equal("api /api /api/x", await GetAsync(client, "/api/x"));
        }

        return count;
    }

    private static Task<string> GetAsync(HttpClient client, string path) => client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    private async Task<string[]> ApplicationsAsync()
    {
        CommandResult status = await DarterAsync("status", "--json");
        using JsonDocument document = JsonDocument.Parse(status.Output);
        return [.. document.RootElement.GetProperty("apps").EnumerateArray().Select(app => app.GetProperty("name").GetString()!)];
    }

    private Task<CommandResult> DarterAsync(params string[] arguments) => Command.RunAsync(RepositoryPaths.Executable, [.. arguments, "--control", _control]);
}
