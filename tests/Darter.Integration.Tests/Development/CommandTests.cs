namespace Darter.Integration.Tests.Development;

/// <summary>What <c>darter dev</c> does beside reloading.</summary>
public class CommandTests(ServerPool pool) : DevelopmentTest(pool)
{
    [Fact]
    public async Task Start_SaysWhereItIs()
    {
        DarterServer server = await StartProjectAsync("wsgi");
        await server.Log.WaitForAsync("debugger PIN");
        Assert.Contains(server.Log.Lines(), line => line.EndsWith($"http://127.0.0.1:{server.Address.Port}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_AreShown()
    {
        DarterServer server = await StartProjectAsync("wsgi");
        await AskAsync(server, "/some/page?x=1");
        await server.Output.WaitForAsync("/some/page?x=1");
        Assert.Matches(@"^\d\d:\d\d:\d\d  GET    200 +[0-9.]+ m?s +3 B   /some/page\?x=1$", server.Output.Lines().Single(line => line.Contains("/some/page", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Quiet_ShowsNone()
    {
        DarterServer server = await StartProjectAsync("wsgi", "--quiet");
        await AskAsync(server);
        Assert.Equal(0, await server.StopAsync());
        Assert.Empty(server.Output.Lines());
    }

    [Fact]
    public async Task Pages_AreFetchedAgainAfterAChange()
    {
        DarterServer server = await StartProjectAsync("wsgi");
        Assert.Contains("/__darter__/live.js", await AskAsync(server, "/", "Accept: text/html\r\n"), StringComparison.Ordinal);
        await using RawConnection live = await RawConnection.OpenAsync(server.Address);
        await live.WriteAsync("GET /__darter__/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await live.ReadHeadAsync();
        await EventAsync(".1 0");
        Save("static/site.css", "");
        await EventAsync(".1 1");
        Save("static/site.js", "");
        await EventAsync(".2 1");
        SaveAnswer("two");
        await EventAsync(".3 1");
        Assert.Equal("two", await AskAsync(server));

        async Task EventAsync(string version) =>
            Assert.EndsWith($"{version}\n\n", System.Text.Encoding.ASCII.GetString(await Wait.For(live.ReadChunkAsync(), version)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--no-live-reload")]
    [InlineData("--live-reload=false")]
    public async Task NoLiveReload_LeavesPagesAlone(string option)
    {
        DarterServer server = await StartProjectAsync("wsgi", option);
        Assert.Equal("one", await AskAsync(server, "/", "Accept: text/html\r\n"));
    }

    [Fact]
    public async Task File_OfProduction_SetsNeitherAddressNorWorkers()
    {
        Save("darter.toml", "workers = 3\nbind = [\"0.0.0.0:1\"]\nroot_path = \"/x\"\n");
        DarterServer server = await StartProjectAsync("wsgi");
        Assert.Single(server.Workers);
        Assert.Equal("one", await AskAsync(server));
    }

    [Fact]
    public async Task Open_StartsTheBrowser_WhichMayWriteForLong()
    {
        string told = Path.Combine(Folder, "told");
        string browser = Path.Combine(Folder, "browser");
        Save("browser", $"#!/bin/sh\necho noise; echo noise >&2\necho \"$1\" > '{told}.new'\nmv '{told}.new' '{told}'\n");
        File.SetUnixFileMode(browser, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Save("app.py", "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'well']\n");
        DarterServer server = await StartAsync(Options("--open") with { Environment = new Dictionary<string, string?> { ["BROWSER"] = browser } });
        await Wait.Until(() => File.Exists(told), "the browser");
        Assert.Equal($"http://127.0.0.1:{server.Address.Port}\n", await File.ReadAllTextAsync(told, TestContext.Current.CancellationToken));
        Assert.DoesNotContain("noise", server.Log.Text + server.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_WithoutABrowser_IsNoted()
    {
        Save("app.py", "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'well']\n");
        DarterServer server = await StartAsync(Options("--open") with { Environment = new Dictionary<string, string?> { ["BROWSER"] = "no-such-browser" } });
        await server.Log.WaitForAsync("--open: there is no no-such-browser; name a browser in $BROWSER");
        Assert.Equal("well", await AskAsync(server));
    }

    [Fact]
    public async Task Interrupt_EndsIt()
    {
        DarterServer server = await StartProjectAsync("wsgi");
        server.Send(Darter.Testing.Processes.Signal.Interrupt);
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Theory]
    [InlineData("wsgi", "1.1")]
    [InlineData("asgi", "2.0")]
    public async Task Tls_ServesHttpsWithACertificateThatIsKept(string application, string version)
    {
        string state = TemporaryFolder();
        Save("app.py", application == "asgi"
            ? "async def app(scope, receive, send):\n    if scope['type'] != 'http':\n        return\n    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n    await send({'type': 'http.response.body', 'body': scope['scheme'].encode()})\n"
            : "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [environ['wsgi.url_scheme'].encode()]\n");
        string? first = null;
        for (int start = 0; start < 2; start++)
        {
            await using DarterServer server = await DarterServer.StartAsync(Options("--tls") with { Environment = new Dictionary<string, string?> { ["XDG_STATE_HOME"] = state } });
            string? thumbprint = null;
            using HttpClientHandler handler = new()
            {
                ServerCertificateCustomValidationCallback = (_, certificate, _, _) =>
                {
                    thumbprint = certificate!.MatchesHostname("localhost") && certificate.MatchesHostname("127.0.0.1") ? certificate.Thumbprint : "";
                    return true;
                },
            };
            using HttpClient client = new(handler) { DefaultRequestVersion = Version.Parse(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
            Assert.Equal("https", await client.GetStringAsync($"https://127.0.0.1:{server.Address.Port}/", TestContext.Current.CancellationToken));
            first ??= thumbprint;
            Assert.Equal(first, thumbprint);
            Assert.NotEmpty(first!);
            await server.Log.WaitForAsync($"https://127.0.0.1:{server.Address.Port}");
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(state, "darter/dev-certificate.pem")));
    }

    [Fact]
    public async Task Static_FilesAreServedAndWatched()
    {
        string elsewhere = TemporaryFolder();
        File.WriteAllText(Path.Combine(elsewhere, "site.css"), "old");
        DarterServer server = await StartProjectAsync("wsgi", "--static", $"/static={elsewhere}");
        Assert.Equal("old", await AskAsync(server, "/static/site.css"));
        await using RawConnection live = await RawConnection.OpenAsync(server.Address);
        await live.WriteAsync("GET /__darter__/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await live.ReadHeadAsync();
        await live.ReadChunkAsync();
        File.WriteAllText(Path.Combine(elsewhere, "site.css"), "new");
        Assert.EndsWith(".1 1\n\n", System.Text.Encoding.ASCII.GetString(await Wait.For(live.ReadChunkAsync(), "the event")), StringComparison.Ordinal);
        Assert.Equal("new", await AskAsync(server, "/static/site.css"));
    }
}
