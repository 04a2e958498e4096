using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Supervision;

/// <summary>Workers that are asked to leave one by one, as an operator or a memory watchdog does it: that costs no request.</summary>
public class WorkerLeaveTests(ServerPool pool) : SupervisionTest(pool)
{
    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Sigterm_ToAWorkerThatExecutes_LetsItFinishAndReplacesIt(string python)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("crash"), Python = PythonInterpreters.Get(python) });
        (Task<RawResponse> response, Gate.Arrival arrival, int worker) = await HoldAsync(server, gate);
        Task<RawResponse> waiting = AskAsync(server, "/");

        LinuxProcess.Send(worker, Signal.Terminate);
        arrival.Release();

        Assert.Equal($"{worker}", (await response).Text);
        Assert.Equal(200, (await waiting).Status);
        Assert.NotEqual(worker, Pid((await waiting).Text));
        await WaitForWorkersWithoutAsync(server, worker);
        await server.Log.WaitForAsync($"(pid {worker}) ended: exit status 0");
        Assert.Equal(0, CountLines(server, "[ERROR]"));
    }

    [Fact]
    public async Task Sigterm_ToAWorkerWithThreads_LetsAllFinish()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 1, threads: 3);
        var held = new List<(Task<RawResponse> Response, Gate.Arrival Arrival, int Worker)>();
        for (int i = 0; i < 2; i++)
        {
            held.Add(await HoldAsync(server, gate));
        }

        // Its third thread is idle, and leaves as soon as the signal is noticed.
        int worker = held[0].Worker;
        LinuxProcess.Send(worker, Signal.Terminate);
        Task<RawResponse> next = AskAsync(server, "/");
        held.ForEach(one => one.Arrival.Release());
        foreach ((Task<RawResponse> response, _, _) in held)
        {
            Assert.Equal($"{worker}", (await response).Text);
        }

        Assert.Equal(200, (await next).Status);
        await WaitForWorkersWithoutAsync(server, worker);
        Assert.Equal(0, CountLines(server, "[ERROR]"));
    }

    [Fact]
    public async Task Sigterm_ToIdleWorkers_ReplacesThem()
    {
        DarterServer server = await StartAsync(workers: 2, threads: 2);
        int[] workers = [.. server.Workers];
        Array.ForEach(workers, worker => LinuxProcess.Send(worker, Signal.Terminate));
        await WaitForWorkersWithoutAsync(server, workers);
        await ServingWorkerAsync(server);
        Assert.Equal(0, CountLines(server, "[ERROR]"));
    }

    [Fact]
    public async Task Workers_ThatLeaveOneAfterAnother_CostNoRequest()
    {
        // Each of these requests ends its worker, and the others find that out in every phase of their own.
        DarterServer server = await StartAsync(workers: 2);
        for (int round = 0; round < 3; round++)
        {
            IEnumerable<Task<RawResponse>> requests =
                Enumerable.Range(0, 20).Select(number => AskAsync(server, number == 5 ? "/terminate" : "/"));
            Assert.All(await Task.WhenAll(requests), response => Assert.Equal(200, response.Status));
        }
    }

    [Fact]
    public async Task Sigint_ToTheWorkers_IsIgnored()
    {
        // Ctrl-C in a terminal reaches every process of the group; the front alone decides what follows.
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 1);
        (Task<RawResponse> response, Gate.Arrival arrival, int worker) = await HoldAsync(server, gate);
        LinuxProcess.Send(worker, Signal.Interrupt);
        arrival.Release();
        Assert.Equal($"{worker}", (await response).Text);
        Assert.Equal(worker, await ServingWorkerAsync(server));
    }
}
