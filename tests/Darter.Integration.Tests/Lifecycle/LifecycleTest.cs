using System.Net.Sockets;
using System.Text.Json.Nodes;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Lifecycle;

/// <summary>Base of the tests that change a running server: an application whose version the test sets, and a control socket.</summary>
public abstract class LifecycleTest(ServerPool pool) : ServerTest(pool)
{
    private string? _folder;

    /// <summary>The interfaces.</summary>
    public static TheoryData<string> Interfaces => new("wsgi", "asgi");

    /// <summary>The test's own token.</summary>
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The folder of this test.</summary>
    protected string Folder => _folder ??= TemporaryFolder();

    /// <summary>The control socket.</summary>
    protected string Socket => Path.Combine(Folder, "control.sock");

    /// <summary>Starts the application <c>reload</c> with version "1".</summary>
    protected async Task<DarterServer> StartAsync(string application, int workers = 1, params string[] arguments) =>
        await StartAsync(Options(application, workers, arguments));

    /// <summary>How <see cref="StartAsync(string, int, string[])"/> starts it.</summary>
    protected DarterServerOptions Options(string application, int workers = 1, params string[] arguments)
    {
        string source = application == "asgi" ? RepositoryPaths.AsgiApp("reload") : RepositoryPaths.WsgiApp("reload");
        File.Copy(Path.Combine(source, "app.py"), Path.Combine(Folder, "app.py"), overwrite: true);
        SetVersion("1");
        return new DarterServerOptions
        {
            Target = Path.Combine(Folder, "app.py"),
            Workers = workers,
            Arguments = ["--control-socket", Socket, .. arguments],
        };
    }

    /// <summary>Sets the version that workers started from now on tell.</summary>
    protected void SetVersion(string version) => WriteVersionModule($"VERSION = '{version}'\n");

    /// <summary>Has workers started from now on fail.</summary>
    protected void Break() => WriteVersionModule("raise ValueError('broken on purpose')\n");

    /// <summary>Runs a command for this test's server.</summary>
    protected Task<CommandResult> DarterAsync(params string[] arguments) => RunAsync([.. arguments, "--control", Socket]);

    /// <summary>Runs the executable.</summary>
    protected static Task<CommandResult> RunAsync(string[] arguments, IReadOnlyDictionary<string, string?>? environment = null) =>
        Command.RunAsync(RepositoryPaths.Executable, arguments, Path.GetTempPath(), environment);

    /// <summary>Reloads, which must succeed.</summary>
    protected async Task ReloadAsync()
    {
        RawResponse response = await ControlAsync("POST", "/reload");
        Assert.True(response.Status == 200, response.Text);
    }

    /// <summary>Sends a request to the control socket.</summary>
    protected Task<RawResponse> ControlAsync(string method, string target, string body = "") =>
        RawConnection.ExchangeAsync(
            new ServerAddress(new UnixDomainSocketEndPoint(Socket), "localhost"),
            $"{method} {target} HTTP/1.1\r\nHost: h\r\nContent-Length: {body.Length}\r\n\r\n{body}",
            method);

    /// <summary>What the server tells about itself.</summary>
    protected async Task<JsonNode> StatusAsync()
    {
        RawResponse response = await ControlAsync("GET", "/status");
        Assert.True(response.Status == 200, response.Text);
        return JsonNode.Parse(response.Text)!;
    }

    /// <summary>The workers' states, such as "1:ready 2:leaving", those of one generation if it is given.</summary>
    protected async Task<string> WorkersAsync(int? generation = null) =>
        string.Join(' ', (await StatusAsync())["workers"]!.AsArray()
            .Where(worker => generation is null || (int)worker!["generation"]! == generation)
            .Select(worker => $"{worker!["number"]}:{worker["state"]}"));

    /// <summary>Waits until the workers are in these states.</summary>
    protected Task WaitForWorkersAsync(string states, DarterServer server, int? generation = null)
    {
        string now = "";
        return Wait.Until(
            async () => (now = await WorkersAsync(generation)) == states,
            () => $"the workers to be '{states}'; they are '{now}'\n{server.Describe()}");
    }

    /// <summary>The version that a request is answered with.</summary>
    protected static async Task<string> VersionAsync(DarterServer server)
    {
        RawResponse response = await AskAsync(server, "/");
        Assert.Equal(200, response.Status);
        return response.Text;
    }

    /// <summary>Sends a request on a connection of its own.</summary>
    protected static Task<RawResponse> AskAsync(DarterServer server, string target) => RawConnection.ExchangeAsync(server.Address, Get(target));

    /// <summary>A request.</summary>
    protected static string Get(string target) => $"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n";

    /// <summary>How many lines of the log have this text.</summary>
    protected static int CountLines(DarterServer server, string text) => server.Log.Lines().Count(line => line.Contains(text, StringComparison.Ordinal));

    // Replaced as a whole, so that no worker reads half of it.
    private void WriteVersionModule(string source)
    {
        string path = Path.Combine(Folder, "version.py");
        File.WriteAllText(path + ".new", source);
        File.Move(path + ".new", path, overwrite: true);
    }
}
