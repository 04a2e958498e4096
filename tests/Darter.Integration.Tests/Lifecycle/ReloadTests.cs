using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Lifecycle;

/// <summary>What a reload does to requests at hand, and what the operator sees of it.</summary>
public class ReloadTests(ServerPool pool) : LifecycleTest(pool)
{
    [Theory]
    [MemberData(nameof(Interfaces))]
    public async Task Reload_LetsTheOldWorkersFinishTheirRequests(string application)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(application);
        Task<RawResponse> running = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        SetVersion("2");

        await ReloadAsync();

        Assert.Equal("2", await VersionAsync(server));
        Assert.Equal("1:leaving", await WorkersAsync(generation: 1));
        Assert.False(running.IsCompleted);
        arrival.Release();
        Assert.Equal("1", (await running).Text);
        await WaitForWorkersAsync("1:ready", server);
        Assert.Equal(0, CountLines(server, "[ERROR]"));
    }

    [Fact]
    public async Task Reload_MovesWhatWaitsBehindARequest()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("wsgi");
        Task<RawResponse> running = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        await using RawConnection waiting = await RawConnection.OpenAsync(server.Address);
        await waiting.WriteAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await waiting.ReadHeadAsync()).Status);
        await waiting.WriteAsync("body");
        SetVersion("2");

        await ReloadAsync();

        Assert.Equal("2", (await waiting.ReadResponseAsync("POST")).Text);
        arrival.Release();
        Assert.Equal("1", (await running).Text);
    }

    [Theory]
    [MemberData(nameof(Interfaces))]
    public async Task Reload_ThatDoesNotLoad_ChangesNothingAndTellsWhy(string application)
    {
        DarterServer server = await StartAsync(application, workers: 2);
        int[] workers = [.. server.Workers];
        Break();

        CommandResult result = await DarterAsync("reload");

        Assert.Equal(3, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.StartsWith("darter: not reloaded; generation 1 keeps serving.\nTraceback (most recent call last):", result.Errors, StringComparison.Ordinal);
        Assert.Contains("ValueError: broken on purpose", result.Errors, StringComparison.Ordinal);
        Assert.Equal("1", await VersionAsync(server));
        await WaitForWorkersAsync("1:ready 2:ready", server);
        Assert.Equal(workers, server.Workers);
        await server.Log.WaitForAsync("ValueError: broken on purpose");

        SetVersion("2");
        await ReloadAsync();
        Assert.Equal("2", await VersionAsync(server));
    }

    [Fact]
    public async Task Reload_ThatDoesNotLoad_AsJson()
    {
        await StartAsync("wsgi");
        Break();
        CommandResult result = await DarterAsync("reload", "--json");
        Assert.Equal(3, result.ExitCode);
        System.Text.Json.Nodes.JsonNode outcome = System.Text.Json.Nodes.JsonNode.Parse(result.Output)!;
        Assert.Equal(1, (int)outcome["generation"]!);
        Assert.Equal("application", (string)outcome["cause"]!);
        Assert.Contains("broken on purpose", (string)outcome["error"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_WithAConfigurationThatIsWrongNow_ChangesNothing()
    {
        string place = Path.Combine(Folder, "place");
        Directory.CreateDirectory(place);
        DarterServer server = await StartAsync("wsgi", 1, "--chdir", place);
        Directory.Delete(place);

        CommandResult result = await DarterAsync("reload");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"there is no folder '{place}'", result.Errors, StringComparison.Ordinal);
        await server.Log.WaitForAsync($"Not reloaded, since the configuration is wrong: --chdir: there is no folder '{place}'");
        Assert.Equal("1", await VersionAsync(server));
        Assert.Equal(1, CountLines(server, "Booting worker"));
    }

    [Fact]
    public async Task Reload_DuringTheStart_FollowsIt()
    {
        Gate gate = OpenGate();
        DarterServerOptions options = Options("wsgi");
        await File.WriteAllTextAsync(Path.Combine(Folder, "version.py"), $"import gate\ngate.wait({gate.Port}, 'importing')\nVERSION = '1'\n", Cancellation);
        DarterServer server = Launch(options);
        Gate.Arrival importing = await gate.ReachedAsync("importing");
        await Wait.Until(() => File.Exists(Socket), "the control socket");
        Assert.Equal("starting", (string)(await StatusAsync())["state"]!);
        Task reload = ReloadAsync();
        SetVersion("2");
        importing.Release();
        await reload;
        Assert.Equal("2", await VersionAsync(server));
        Assert.Equal(1, CountLines(server, "Ready: "));
    }

    [Fact]
    public async Task Stop_DuringAReload_EndsIt()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("wsgi");
        await File.WriteAllTextAsync(Path.Combine(Folder, "version.py"), $"import gate\ngate.wait({gate.Port}, 'importing')\n", Cancellation);
        Task<CommandResult> reload = DarterAsync("reload");
        await gate.ReachedAsync("importing");

        server.Send(Signal.Terminate);

        CommandResult result = await reload;
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("the server was stopped", result.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
    }

    [Fact]
    public async Task Reload_OfAnAsgiApplication_EndsTheLifespanOfTheOldOne()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(
            Options("asgi") with { Environment = new Dictionary<string, string?> { ["RELOAD_GATE"] = $"{gate.Port}" } });
        SetVersion("2");
        await ReloadAsync();
        Assert.Equal("1", (await gate.ReachedAsync("shutdown")).Text);
        await WaitForWorkersAsync("1:ready", server);
    }

    [Fact]
    public async Task Reload_FromOneInterfaceToTheOther_Works()
    {
        DarterServer server = await StartAsync("wsgi");
        File.Copy(Path.Combine(RepositoryPaths.AsgiApp("reload"), "app.py"), Path.Combine(Folder, "app.py"), overwrite: true);
        SetVersion("2");
        await ReloadAsync();
        Assert.Equal("2", await VersionAsync(server));
        Assert.Equal("asgi", (string)(await StatusAsync())["interface"]!);
    }

    [Fact]
    public async Task OldWorker_ThatDiesDuringAReload_IsReplaced()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("wsgi");
        int old = Assert.Single(server.Workers);
        await File.WriteAllTextAsync(Path.Combine(Folder, "version.py"), $"import gate\ngate.wait({gate.Port}, 'importing')\nVERSION = '2'\n", Cancellation);
        Task reload = ReloadAsync();
        Gate.Arrival importing = await gate.ReachedAsync("importing");
        SetVersion("1b");
        LinuxProcess.Send(old, Signal.Kill);
        Assert.Equal("1b", await VersionAsync(server));
        importing.Release();
        await reload;
        Assert.Equal("2", await VersionAsync(server));
        await WaitForWorkersAsync("1:ready", server);
    }
}
