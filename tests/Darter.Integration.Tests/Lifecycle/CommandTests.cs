using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Lifecycle;

/// <summary>The commands that talk to a running server: what they print, and their exit statuses.</summary>
public partial class CommandTests(ServerPool pool) : LifecycleTest(pool)
{
    [Fact]
    public async Task Status_ShowsTheServerAndItsWorkers()
    {
        DarterServer server = await StartAsync("wsgi", workers: 2);
        Assert.Equal("1", await VersionAsync(server));
        CommandResult result = await DarterAsync("status");
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        string[] lines = result.Output.TrimEnd().Split('\n');
        Assert.Matches($@"^darter [0-9.]+\S*, pid {server.Pid}, ready, up [0-9.]+\S*, [0-9.]+ MiB$", lines[0]);
        Assert.Contains($"target      {server.Options.Target} (wsgi)", lines);
        Assert.Contains($"listeners   http://{server.Address.Authority}", lines);
        Assert.Contains("generation  1, workers: 2", lines);
        Assert.Contains("requests    0 waiting, 0 in workers, 0 WebSockets", lines);
        Assert.Contains("totals      1 requests, 2 workers started, 0 died, 0 reloads, 0 failed", lines);
        Assert.Matches(@"^WORKER +PID +STATE +GENERATION +AGE +REQUESTS +RUNNING +STREAMS +RSS$", lines[^3]);
        Match[] rows = [.. lines[^2..].Select(line => WorkerRow().Match(line))];
        Assert.Equal(["1", "2"], rows.Select(row => row.Groups["number"].Value));
        Assert.Equal(server.Workers.Select(pid => $"{pid}"), rows.Select(row => row.Groups["pid"].Value).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.Equal("ready", row.Groups["state"].Value));
        Assert.Single(lines[^3..].Select(line => line.Length).Distinct());
    }

    [Fact]
    public async Task Status_AsJson_HasEverything()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("wsgi");
        await VersionAsync(server);
        Task<RawResponse> running = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        CommandResult result = await DarterAsync("status", "--json");
        Assert.Equal(0, result.ExitCode);
        JsonObject status = JsonNode.Parse(result.Output)!.AsObject();
        Assert.Equal(server.Pid, (int)status["pid"]!);
        Assert.Equal("ready", (string)status["state"]!);
        Assert.Equal("wsgi", (string)status["interface"]!);
        Assert.Equal(server.Options.Target, (string)status["target"]!);
        Assert.Equal(PythonInterpreters.Default.Path, (string)status["python"]!);
        Assert.Equal(Socket, (string)status["control"]!);
        Assert.Equal([$"http://{server.Address.Authority}"], status["listeners"]!.AsArray().Select(listener => (string)listener!));
        Assert.Equal(1, (int)status["generation"]!);
        Assert.Equal(1, (int)status["workers_wanted"]!);
        Assert.Equal(0, (int)status["waiting"]!);
        Assert.Equal(0, (int)status["web_sockets"]!);
        Assert.True((double)status["uptime"]! > 0);
        Assert.True((long)status["rss"]! > 0);
        Assert.NotEmpty((string)status["version"]!);
        JsonNode worker = Assert.Single(status["workers"]!.AsArray())!;
        Assert.Equal(Assert.Single(server.Workers), (int)worker["pid"]!);
        Assert.Equal((1, "ready", 1), ((int)worker["number"]!, (string)worker["state"]!, (int)worker["generation"]!));
        Assert.Equal((1, 1, 0), ((int)worker["requests"]!, (int)worker["running"]!, (int)worker["streams"]!));
        Assert.True((double)worker["age"]! > 0);
        Assert.True((long)worker["rss"]! > 0);
        JsonNode totals = status["totals"]!;
        Assert.Equal((1, 1, 0), ((int)totals["requests"]!, (int)totals["workers_started"]!, (int)totals["workers_died"]!));
        Assert.Equal((0, 0), ((int)totals["reloads"]!, (int)totals["failed_reloads"]!));
        arrival.Release();
        await running;
    }

    [Fact]
    public async Task Reload_SaysSo()
    {
        DarterServer server = await StartAsync("wsgi");
        SetVersion("2");
        CommandResult result = await DarterAsync("reload");
        Assert.Equal((0, "Reloaded: generation 2 serves.\n", ""), (result.ExitCode, result.Output, result.Errors));
        Assert.Equal("2", await VersionAsync(server));
    }

    [Fact]
    public async Task Scale_SaysSo_AndTakesNoLessThanOne()
    {
        DarterServer server = await StartAsync("wsgi");
        CommandResult result = await DarterAsync("scale", "2");
        Assert.Equal((0, "Workers: 1 -> 2\n", ""), (result.ExitCode, result.Output, result.Errors));
        await WaitForWorkersAsync("1:ready 2:ready", server);

        CommandResult refused = await DarterAsync("scale", "0");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("N must be at least 1", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(1, (await DarterAsync("scale", "many")).ExitCode);
        Assert.Equal("1:ready 2:ready", await WorkersAsync());
    }

    [Fact]
    public async Task Stop_WaitsForTheEnd_AndFinishesRequests()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("wsgi");
        Task<RawResponse> running = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        Task<CommandResult> stop = DarterAsync("stop");
        await server.Log.WaitForAsync("Control socket: stop; stopping");
        Assert.False(stop.IsCompleted);
        arrival.Release();
        Assert.Equal("1", (await running).Text);
        CommandResult result = await stop;
        Assert.Equal((0, $"Stopped (pid {server.Pid}).\n"), (result.ExitCode, result.Output));
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.False(File.Exists(Socket));
    }

    [Fact]
    public async Task StopQuick_BreaksRequestsOff()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("wsgi", 1, "--graceful-timeout", "1000");
        await using RawConnection running = await RawConnection.OpenAsync(server.Address);
        await running.WriteAsync(Get($"/wait?port={gate.Port}"));
        await gate.ReachedAsync("waiting");
        Assert.Equal(0, (await DarterAsync("stop", "--quick")).ExitCode);
        Assert.Empty(await running.ReadToEndAsync());
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task Command_WithoutASocket_FindsTheOnlyServer_AndListsSeveral()
    {
        Dictionary<string, string?> environment = new() { ["XDG_RUNTIME_DIR"] = Folder };
        DarterServerOptions options = Options("wsgi") with { Arguments = [], Environment = environment };
        DarterServer first = await StartAsync(options);
        CommandResult one = await RunAsync(["status", "--json"], environment);
        Assert.Equal(first.Pid, (int)JsonNode.Parse(one.Output)!["pid"]!);

        DarterServer second = await StartAsync(options);
        CommandResult several = await RunAsync(["stop"], environment);

        Assert.Equal(1, several.ExitCode);
        Assert.Contains("several servers are running", several.Errors, StringComparison.Ordinal);
        Assert.Matches(@"PID +TARGET +LISTENERS +CONTROL", several.Errors);
        foreach (DarterServer server in (DarterServer[])[first, second])
        {
            Assert.Matches($@"{server.Pid} +{Regex.Escape(server.Options.Target!)} +http://{Regex.Escape(server.Address.Authority)} +{Regex.Escape(Folder)}/darter/{server.Pid}\.sock", several.Errors);
            Assert.False(server.HasExited);
        }
    }

    [Theory]
    [InlineData("status")]
    [InlineData("reload")]
    [InlineData("stop")]
    [InlineData("upgrade")]
    public async Task Command_WithoutAServer_IsAnError(string command)
    {
        CommandResult result = await DarterAsync(command);
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"darter: {Socket}: ", result.Errors, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [GeneratedRegex(@"^ *(?<number>\d+) +(?<pid>\d+)  (?<state>\w+) +1 +[0-9.]+s +\d+ +0 +0 +[0-9.]+ MiB$")]
    private static partial Regex WorkerRow();
}
