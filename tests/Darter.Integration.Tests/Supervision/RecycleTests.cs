using System.Text.RegularExpressions;

namespace Darter.Integration.Tests.Supervision;

/// <summary>--max-requests and --max-memory: workers are replaced, and no client notices.</summary>
public partial class RecycleTests(ServerPool pool) : FaultTest(pool)
{
    [Theory]
    [InlineData("wsgi", 1)]
    [InlineData("wsgi", 2)]
    [InlineData("asgi", 1)]
    public async Task Workers_ReplacedUnderLoad_LoseNothing(string kind, int threads)
    {
        DarterServer server = await StartStuckAsync(kind, workers: 2, threads, "--max-requests", "50", "--max-requests-jitter", "10");
        int[] first = [.. server.Workers];
        RequestLoad load = new(server.Address, 16, "/work?ms=1");
        await Wait.Until(() => CountLines(server, "(--max-requests)") >= 8, () => $"replacements: {load}\n{server.Describe()}");
        await load.StopAsync();

        Assert.True(load["200"] == load.Total, load.ToString());
        Assert.DoesNotContain("[ERROR]", server.Log.Text, StringComparison.Ordinal);
        await WaitForWorkersWithoutAsync(server, first);
    }

    [Fact]
    public async Task Worker_ThatHasServedEnough_IsReplacedByOneThatIsReady()
    {
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 1, "--max-requests", "3");
        int worker = Assert.Single(server.Workers);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(worker, await ServingWorkerAsync(server));
        }

        await server.Log.WaitForAsync($"Worker 1 (pid {worker}) is replaced: it has served 3 requests (--max-requests)");
        await WaitForWorkersWithoutAsync(server, worker);
        Assert.NotEqual(worker, await ServingWorkerAsync(server));
        Assert.Equal(1, CountLines(server, "is replaced"));
    }

    [Fact]
    public async Task Workers_AreReplacedOneAtATime()
    {
        DarterServer server = await StartStuckAsync("wsgi", workers: 3, threads: 1, "--max-requests", "20");
        RequestLoad load = new(server.Address, 8, "/work?ms=1");
        int most = 0;
        await Wait.Until(
            () =>
            {
                most = Math.Max(most, server.Workers.Count);
                return CountLines(server, "(--max-requests)") >= 9;
            },
            () => $"replacements: {load}");
        await load.StopAsync();

        // Three that serve, one that starts, and those that have just been told to go.
        Assert.InRange(most, 3, 6);
        Assert.True(load["200"] == load.Total, load.ToString());
    }

    [Fact]
    public async Task Worker_ThatGrowsTooLarge_IsReplaced()
    {
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 1, "--max-memory", "150MiB");
        int worker = Assert.Single(server.Workers);
        Assert.Equal(worker, Pid((await AskAsync(server, "/grow?mib=200")).Text));

        string line = await server.Log.WaitForAsync($"Worker 1 (pid {worker}) is replaced: it takes ");
        Assert.Matches(MemoryLine(), line);
        await WaitForWorkersWithoutAsync(server, worker);
        Assert.NotEqual(worker, await ServingWorkerAsync(server));
    }

    [Fact]
    public async Task Worker_ThatIsTooLargeFromTheStart_IsReportedAndKept()
    {
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 1, "--max-memory", "1MiB");
        int worker = Assert.Single(server.Workers);
        await server.Log.WaitForAsync("MiB as soon as it has loaded the application, more than --max-memory allows");
        Assert.Equal(200, (await AskAsync(server, "/work?ms=1500")).Status);
        Assert.Equal(worker, await ServingWorkerAsync(server));
    }

    [Fact]
    public async Task Application_ThatDoesNotLoadAnyMore_LeavesTheOldWorkerInPlace()
    {
        string folder = TemporaryFolder();
        string file = Path.Combine(folder, "app.py");
        const string Good = "import os\ndef application(environ, start_response):\n    start_response('200 OK', [])\n    return [str(os.getpid()).encode()]\n";
        await File.WriteAllTextAsync(file, Good, Cancellation);
        DarterServer server = await StartAsync(workers: 1, target: file, arguments: ["--max-requests", "2"]);
        int worker = Assert.Single(server.Workers);
        await File.WriteAllTextAsync(file, "raise ValueError('broken meanwhile')\n", Cancellation);
        await ServingWorkerAsync(server);
        await ServingWorkerAsync(server);
        await server.Log.WaitForAsync("ValueError: broken meanwhile");
        await server.Log.WaitForAsync("The worker that was to replace worker 1 ended before it was ready; the old one serves on");
        Assert.Equal(worker, await ServingWorkerAsync(server));

        await File.WriteAllTextAsync(file, Good, Cancellation);
        await WaitForWorkersWithoutAsync(server, worker);
        Assert.NotEqual(worker, await ServingWorkerAsync(server));
    }

    [Theory]
    [InlineData("12 parsecs")]
    [InlineData("-1")]
    [InlineData("MiB")]
    public async Task MaxMemory_ThatIsNoSize_IsRefused(string size)
    {
        Darter.Testing.Processes.CommandResult result = await Darter.Testing.Processes.Command.RunAsync(
            RepositoryPaths.Executable, ["run", App("crash"), "--max-memory", size]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--max-memory", result.Errors, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"it takes \d+ MiB \(--max-memory\)")]
    private static partial Regex MemoryLine();
}
