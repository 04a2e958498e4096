using System.Globalization;
using System.Text.RegularExpressions;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Supervision;

/// <summary><c>--preload</c>: the application is loaded once, and workers are forked from the process that did.</summary>
public partial class PreloadTests(ServerPool pool) : ServerTest(pool)
{
    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Workers_ServeWhatOneProcessLoaded(string python)
    {
        DarterServer server = await StartAsync(Preloaded(App("preload"), workers: 3) with { Python = PythonInterpreters.Get(python) });
        int zygote = Assert.Single(server.Workers);
        int[] workers = Booted(server);
        Assert.Equal(3, workers.Length);
        Assert.Equal(workers.Order(), LinuxProcess.Children(zygote));
        for (int i = 0; i < 20; i++)
        {
            int[] pids = await PidsAsync(server);
            Assert.Equal(zygote, pids[0]);
            Assert.Contains(pids[1], workers);
        }
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task AsgiWorkers_ServeWhatOneProcessLoaded_AndStartEachForItself(string python)
    {
        string target = Path.Combine(RepositoryPaths.AsgiApp("preload"), "app.py");
        DarterServer server = await StartAsync(Preloaded(target, workers: 2) with { Python = PythonInterpreters.Get(python) });
        int zygote = Assert.Single(server.Workers);
        int[] pids = await PidsAsync(server);
        Assert.Equal(zygote, pids[0]);
        Assert.NotEqual(zygote, pids[1]);
        Assert.Equal(pids[2], pids[1]);
    }

    [Fact]
    public async Task ManyThreads_GetTheirChannels()
    {
        DarterServer server = await StartAsync(Preloaded(App("preload"), workers: 1) with { Threads = 130 });
        int[] pids = await PidsAsync(server);
        await Wait.Until(() => LinuxProcess.ThreadCount(pids[1]) >= 130, () => $"130 threads; there are {LinuxProcess.ThreadCount(pids[1])}");
    }

    [Fact]
    public async Task WorkerKilled_IsForkedAgain()
    {
        DarterServer server = await StartAsync(Preloaded(App("preload"), workers: 1));
        int[] before = await PidsAsync(server);
        LinuxProcess.Send(before[1], Signal.Kill);
        await server.Log.WaitForAsync($"(pid {before[1]}) ended: killed by SIGKILL");
        int[] after = await PidsAsync(server);
        Assert.Equal(before[0], after[0]);
        Assert.NotEqual(before[1], after[1]);
        await Wait.Until(() => LinuxProcess.State(before[1]) is null, () => $"{before[1]} to be reaped");
    }

    [Fact]
    public async Task ZygoteKilled_CostsNothing_AndANewOneLoadsForTheNextWorker()
    {
        DarterServer server = await StartAsync(Preloaded(App("preload"), workers: 1));
        int[] before = await PidsAsync(server);
        LinuxProcess.Send(before[0], Signal.Kill);
        await Wait.Until(() => !LinuxProcess.IsRunning(before[0]), () => "the end of the zygote");
        Assert.Equal(before, await PidsAsync(server));

        LinuxProcess.Send(before[1], Signal.Kill);
        await server.Log.WaitForAsync($"(pid {before[1]}) ended");
        int[] after = await PidsAsync(server);
        Assert.NotEqual(before[0], after[0]);
        Assert.NotEqual(before[1], after[1]);
        Assert.DoesNotContain("Cannot start worker", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FrontKilled_LeavesNothing_NotEvenABusyWorker()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(Preloaded(App("preload"), workers: 2));
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync($"GET /spin?port={gate.Port} HTTP/1.1\r\nHost: h\r\n\r\n");
        await gate.ReachedAsync("spinning");
        server.Send(Signal.Kill);
        await server.WaitForNoProcessAsync();
    }

    [Fact]
    public async Task ZygoteAndFrontKilled_LeaveNothing()
    {
        DarterServer server = await StartAsync(Preloaded(App("preload"), workers: 2));
        LinuxProcess.Send(Assert.Single(server.Workers), Signal.Kill);
        server.Send(Signal.Kill);
        await server.WaitForNoProcessAsync();
    }

    [Fact]
    public async Task ApplicationThatDoesNotLoad_EndsTheServerWithItsTracebackOnce()
    {
        string folder = TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "shop.py"), "raise RuntimeError('out of stock')", TestContext.Current.CancellationToken);
        DarterServer server = Launch(Preloaded("shop", workers: 3) with { WorkingDirectory = folder });
        Assert.Equal(3, await server.WaitForExitAsync());
        Assert.Equal(1, server.Log.Lines().Count(line => line.Contains("RuntimeError: out of stock", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ApplicationThatEndsItsProcess_EndsTheServer()
    {
        string folder = TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "shop.py"), "import os; os._exit(7)", TestContext.Current.CancellationToken);
        DarterServer server = Launch(Preloaded("shop", workers: 1) with { WorkingDirectory = folder });
        Assert.Equal(3, await server.WaitForExitAsync());
        await server.Log.WaitForAsync("ended before the application was loaded (exit status 7)");
    }

    [Fact]
    public async Task Stop_WhileTheApplicationLoads_IsHeeded()
    {
        Gate gate = OpenGate();
        string folder = TemporaryFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder, "shop.py"), $"import gate\ngate.wait({gate.Port}, 'importing')", TestContext.Current.CancellationToken);
        DarterServer server = Launch(Preloaded("shop", workers: 2) with { WorkingDirectory = folder });
        await gate.ReachedAsync("importing");
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task ThreadsOfTheApplication_AreNamedInTheLog()
    {
        DarterServer server = await StartAsync(
            Preloaded(App("preload"), workers: 1) with { Environment = new Dictionary<string, string?> { ["WITH_THREAD"] = "1" } });
        await server.Log.WaitForAsync("(lonely); the workers do not have them");
    }

    private static DarterServerOptions Preloaded(string target, int workers) =>
        new() { Target = target, Workers = workers, Arguments = ["--preload"] };

    private static async Task<int[]> PidsAsync(DarterServer server)
    {
        RawResponse response = await RawConnection.ExchangeAsync(server.Address, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, response.Status);
        return [.. response.Text.Split(' ').Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];
    }

    private static int[] Booted(DarterServer server) =>
        [.. server.Log.Lines().Select(line => BootedPid().Match(line)).Where(match => match.Success).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"Booting worker \d+ with pid: (\d+)")]
    private static partial Regex BootedPid();
}
