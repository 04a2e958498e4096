using System.Net;

namespace Darter.Integration.Tests.Files;

/// <summary><c>--static</c>: files beside an application.</summary>
public sealed class StaticTests(ServerPool pool) : FilesTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Static_BelowItsPath_IsServedAndAllElseIsTheApplications(HttpProtocol protocol)
    {
        Write("app.css", "body {}");
        DarterServer server = await StartAsync($"--static=/static={Folder}");
        using HttpClient client = ServerClient.Create(server.Address, protocol);

        Assert.Equal("body {}", await GetStringAsync(client, "/static/app.css"));
        Assert.Equal("body {}", await GetStringAsync(client, "/%73tatic/app.css"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, "/static/missing.css"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, "/static/"));
        Assert.Equal(HttpStatusCode.MovedPermanently, await StatusAsync(client, "/static"));
        foreach (string path in (string[])["/", "/staticx/app.css", "/a/static/app.css", "/Static/app.css"])
        {
            Assert.Contains(path, await GetStringAsync(client, path), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Static_NeedsNoWorker()
    {
        Write("app.css", "body {}");
        DarterServer server = await StartAsync($"--static=/static={Folder}");
        int worker = server.Workers.Single();
        Testing.Processes.LinuxProcess.Send(worker, Testing.Processes.Signal.Stop);
        try
        {
            Assert.Equal("body {}", (await GetAsync(server, "/static/app.css")).Text);
        }
        finally
        {
            Testing.Processes.LinuxProcess.Send(worker, Testing.Processes.Signal.Continue);
        }
    }

    [Theory]
    [InlineData("app.3f2a91bc.js", true)]
    [InlineData("app-3f2a91bc.js", true)]
    [InlineData("index-BQ3xYz7k.css", true)]
    [InlineData("admin/base.1f418065fc2c.css", true)]
    [InlineData("app.js", false)]
    [InlineData("jquery-3.7.1.min.js", false)]
    [InlineData("photo-holiday2024.jpg", false)]
    [InlineData("report-20240517.pdf", false)]
    [InlineData("bootstrap.bundle.min.js", false)]
    [InlineData("3f2a91bc.js", false)]
    public async Task Static_NameWithAHash_IsImmutable(string name, bool immutable)
    {
        Write(name, "x");
        DarterServer server = await StartAsync($"--static=/static={Folder}");
        RawResponse response = await GetAsync(server, $"/static/{name}");
        Assert.Equal(immutable ? "public, max-age=31536000, immutable" : "no-cache", response["Cache-Control"]);
        Assert.Equal(304, (await GetAsync(server, $"/static/{name}", $"If-None-Match: {response["ETag"]}\r\n")).Status);
    }

    [Fact]
    public async Task Static_Several_TheLongestPathIsAskedFirst()
    {
        Write("outer/a.txt", "outer");
        Write("inner/a.txt", "inner");
        DarterServer server = await StartAsync(
            $"--static=/s={Folder}/outer", $"--static=/s/inner={Folder}/inner", "--access-logfile", "-");
        Assert.Equal("outer", (await GetAsync(server, "/s/a.txt")).Text);
        Assert.Equal("inner", (await GetAsync(server, "/s/inner/a.txt")).Text);
        Assert.Equal(404, (await GetAsync(server, "/s/../secret")).Status);
        Assert.Equal(405, (await GetAsync(server, "/s/a.txt", "Content-Length: 3\r\n", "POST")).Status);
        await server.StopAsync();
        Assert.Contains("\"GET /s/inner/a.txt HTTP/1.1\" 200 5", server.Output.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--static=static", "write /static=public")]
    [InlineData("--static=/static", "write /static=public")]
    [InlineData("--static=/=/tmp", "leave nothing to the application")]
    [InlineData("--static=/a/../b=/tmp", "must be of letters")]
    [InlineData("--static=/static=/no/such/folder", "there is no folder '/no/such/folder'")]
    public async Task Static_ThatMakesNoSense_IsRefused(string argument, string message)
    {
        Testing.Processes.CommandResult result = await Testing.Processes.Command.RunAsync(
            RepositoryPaths.Executable, ["run", App("environ"), "--python", PythonInterpreters.Default.Path, argument]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
    }

    private Task<DarterServer> StartAsync(params string[] arguments) =>
        StartAsync(new DarterServerOptions { Target = App("environ"), Arguments = arguments });

    private static Task<string> GetStringAsync(HttpClient client, string path) =>
        client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using HttpResponseMessage response = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
