using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Supervision;

/// <summary>If the front is killed nothing of the server is left, whatever its workers do at the time.</summary>
public class FrontDeathTests(ServerPool pool) : SupervisionTest(pool)
{
    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task FrontKilled_WithIdleWorkers_LeavesNone(string python)
    {
        DarterServer server = await StartAsync(
            new DarterServerOptions { Target = App("crash"), Workers = 2, Threads = 2, Python = PythonInterpreters.Get(python) });
        await KillFrontAsync(server);
    }

    [Theory]
    [InlineData("/sleep", "sleeping")]
    [InlineData("/spin", "spinning")]
    [InlineData("/wait", "waiting")]
    public async Task FrontKilled_WithABusyWorker_LeavesNone(string view, string place)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 2);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get($"{view}?port={gate.Port}"));
        await gate.ReachedAsync(place);
        await KillFrontAsync(server);
        Assert.True(await connection.IsClosedAsync());
    }

    [Fact]
    public async Task FrontKilled_WithAReplacedWorker_LeavesNone()
    {
        DarterServer server = await StartAsync(workers: 1);
        int worker = Assert.Single(server.Workers);
        LinuxProcess.Send(worker, Signal.Kill);
        await ServingWorkerAsync(server);
        await KillFrontAsync(server);
    }

    [Fact]
    public async Task FrontKilled_WhileWorkersLoad_LeavesNone()
    {
        Gate gate = OpenGate();
        string folder = TemporaryFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder, "shop.py"), $"import gate\ngate.wait({gate.Port}, 'importing')", TestContext.Current.CancellationToken);
        DarterServer server = Launch(new DarterServerOptions { Target = "shop", WorkingDirectory = folder, Workers = 2 });
        await gate.ReachedAsync("importing");
        await gate.ReachedAsync("importing");
        await KillFrontAsync(server);
    }

    private static async Task KillFrontAsync(DarterServer server)
    {
        Assert.Equal(server.Options.Workers, server.Workers.Count);
        server.Send(Signal.Kill);
        await server.WaitForExitAsync();
        await server.WaitForNoProcessAsync();
    }
}
