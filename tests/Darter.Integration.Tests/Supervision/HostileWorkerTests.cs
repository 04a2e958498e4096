using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Supervision;

/// <summary>An application that harms the process it runs in harms nothing else.</summary>
public class HostileWorkerTests(ServerPool pool) : SupervisionTest(pool)
{
    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Theory]
    [InlineData("ff")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("474554202f20485454502f312e310d0a486f73743a20680d0a0d0a")]
    public async Task Worker_ThatWritesNonsenseIntoItsChannel_IsKilledAndReplaced(string data)
    {
        DarterServer server = await StartAsync(workers: 2);

        // One byte is not yet wrong; enough of them to make a frame are.
        string nonsense = string.Concat(Enumerable.Repeat(data, 32));
        int[] workers = [.. server.Workers];
        Task<RawResponse> lost = AskAsync(server, $"/garbage?data={nonsense}");
        Task<RawResponse>[] others = [.. Enumerable.Range(0, 40).Select(_ => AskAsync(server, "/"))];

        Assert.Equal(502, (await lost).Status);
        Assert.All(await Task.WhenAll(others), response => Assert.Equal(200, response.Status));
        string line = await server.Log.WaitForAsync("sent an invalid frame");
        int worker = Assert.Single(workers, worker => line.Contains($"(pid {worker})", StringComparison.Ordinal));
        await WaitForWorkersWithoutAsync(server, worker);
        Assert.Equal(1, CountLines(server, $"(pid {worker})"));
        Assert.Equal(1, CountLines(server, "answered"));
        Assert.Contains(workers.Single(other => other != worker), server.Workers);
    }

    [Fact]
    public async Task Worker_ThatClosesItsDescriptors_IsReplaced()
    {
        DarterServer server = await StartAsync(workers: 1);
        int worker = Assert.Single(server.Workers);
        Assert.Equal(502, (await AskAsync(server, "/closed")).Status);
        Assert.NotEqual(worker, await ServingWorkerAsync(server));
        await WaitForWorkersWithoutAsync(server, worker);
    }

    [Theory]
    [InlineData("exit")]
    [InlineData("multiprocessing")]
    [InlineData("exception")]
    [InlineData("both")]
    [InlineData("thread")]
    public async Task Application_ThatForks_KeepsItsWorker(string how)
    {
        DarterServer server = await StartAsync(workers: 1, threads: 2);
        int worker = Assert.Single(server.Workers);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal($"{worker}", (await AskAsync(server, $"/fork?how={how}")).Text);
            Assert.Equal(worker, await ServingWorkerAsync(server));
        }

        Assert.Equal([worker], server.Workers);
        Assert.Equal(0, CountLines(server, "[ERROR]"));
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Application_ThatForksByMultiprocessing_WorksOnEachInterpreter(string python)
    {
        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("crash"), Python = PythonInterpreters.Get(python) });
        int worker = Assert.Single(server.Workers);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal($"{worker}", (await AskAsync(server, "/fork?how=multiprocessing")).Text);
            Assert.Equal($"{worker}", (await AskAsync(server, "/fork?how=both")).Text);
        }
    }

    [Fact]
    public async Task WorkerKilled_WhoseForkedChildLives_IsReplaced()
    {
        // The child inherits everything that is open, the channel included.
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 1);
        int worker = Assert.Single(server.Workers);
        Assert.Equal(200, (await AskAsync(server, $"/fork?how=outlive&port={gate.Port}")).Status);
        Gate.Arrival child = await gate.ReachedAsync("child");
        (Task<RawResponse> lost, _, _) = await HoldAsync(server, gate);

        LinuxProcess.Send(worker, Signal.Kill);

        Assert.Equal(502, (await lost).Status);
        Assert.NotEqual(worker, await ServingWorkerAsync(server));
        await WaitForWorkersWithoutAsync(server, worker);
        Assert.True(LinuxProcess.IsRunning(Pid(child.Text)));
        child.Release();
    }

    [Fact]
    public async Task Program_StartedByTheApplication_InheritsNoChannel()
    {
        DarterServer server = await StartAsync(workers: 2, threads: 2);
        RawResponse listing = await AskAsync(server, "/descriptors");
        Assert.Contains("/proc/self/fd", listing.Text + "/proc/self/fd", StringComparison.Ordinal);
        Assert.Contains("0 -> ", listing.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("socket:", listing.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("memfd", listing.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("eventpoll", listing.Text, StringComparison.Ordinal);
    }
}
