using System.Text.RegularExpressions;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Supervision;

/// <summary>An application that breaks while it is served: no storm of processes, an answer for everybody, and a recovery.</summary>
public partial class CrashLoopTests(ServerPool pool) : SupervisionTest(pool)
{
    private const string Good =
        """
        import os
        import gate

        def application(environ, start_response):
            if environ["QUERY_STRING"]:
                gate.wait(environ["QUERY_STRING"], "waiting", str(os.getpid()))
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [str(os.getpid()).encode()]

        """;

    private const string Broken = "raise ValueError('broken meanwhile')\n";

    private const string BrokenWithAThread = "import threading\nthreading.Thread(target=threading.Event().wait).start()\n" + Broken;

    private const string ShortLived = Good + "import threading\nthreading.Timer(0.01, os._exit, [9]).start()\n";

    private string _folder = "";

    [Fact]
    public async Task Worker_ThatDiesYoungAgainAndAgain_IsStartedLessAndLessOften()
    {
        DarterServer server = await StartShopAsync(workers: 1);
        Write(ShortLived);
        LinuxProcess.Send(Assert.Single(server.Workers), Signal.Kill);
        await server.Log.WaitForAsync("will be started again in 0.8 s");

        // A place in a loop of crashes waits before every start but the first.
        Assert.Equal(["0.1", "0.2", "0.4", "0.8"], Waits(server));
        Assert.Equal(5, CountLines(server, "Booting worker"));
        Assert.Equal(4, CountLines(server, "ended: exit status 9"));
    }

    [Fact]
    public async Task Worker_ThatCannotLoadTheApplicationAnyMore_Is503UntilItCan()
    {
        DarterServer server = await StartShopAsync(workers: 1);
        int worker = await ServingWorkerAsync(server);
        Write(Broken);
        LinuxProcess.Send(worker, Signal.Kill);
        await server.Log.WaitForAsync("requests are answered 503");
        Assert.Contains("ValueError: broken meanwhile", server.Log.Text, StringComparison.Ordinal);

        foreach (HttpProtocol protocol in Rows.Protocols)
        {
            using HttpClient client = ServerClient.Create(server.Address, protocol);
            using HttpResponseMessage refused = await client.GetAsync("/", TestContext.Current.CancellationToken);
            Assert.Equal(503, (int)refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        Write(Good);
        await Wait.Until(async () => (await AskAsync(server, "/")).Status == 200, () => "the application to be served again");
        Assert.Equal(CountLines(server, "could not load the application") + 2, CountLines(server, "Booting worker"));
        Assert.Equal(1, CountLines(server, "requests are answered 503"));
    }

    [Fact]
    public async Task Request_ThatWaitsWhenNoWorkerCanBeStarted_IsAnswered503()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartShopAsync(workers: 1);
        Task<RawResponse> running = AskAsync(server, $"/?{gate.Port}");
        int worker = Pid((await gate.ReachedAsync("waiting")).Text);
        Task<RawResponse> waiting = AskAsync(server, "/");
        Write(Broken);
        LinuxProcess.Send(worker, Signal.Kill);
        Assert.Equal(502, (await running).Status);
        Assert.Equal(503, (await waiting).Status);
    }

    [Fact]
    public async Task Worker_ThatCannotLoadTheApplicationAnyMore_LeavesTheOthersServing()
    {
        DarterServer server = await StartShopAsync(workers: 2);
        int[] workers = [.. server.Workers];
        Write(Broken);
        LinuxProcess.Send(workers[0], Signal.Kill);
        await server.Log.WaitForAsync("could not load the application");
        await server.Log.WaitForAsync("will be started again");
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(workers[1], await ServingWorkerAsync(server));
        }

        Write(Good);
        await WaitForWorkersWithoutAsync(server, workers[0]);
        Assert.Contains(workers[1], server.Workers);
    }

    [Fact]
    public async Task Worker_ThatCannotLoadTheApplicationButHasThreads_IsReplacedAllTheSame()
    {
        // Python waits for threads of the application before it ends.
        DarterServer server = await StartShopAsync(workers: 1);
        int worker = await ServingWorkerAsync(server);
        Write(BrokenWithAThread);
        LinuxProcess.Send(worker, Signal.Kill);
        await server.Log.WaitForAsync("requests are answered 503");
        Write(Good);
        await Wait.Until(async () => (await AskAsync(server, "/")).Status == 200, () => "the application to be served again");
    }

    private static List<string> Waits(DarterServer server) =>
        server.Log.Lines().Select(line => Pause().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).ToList();

    [GeneratedRegex(@"will be started again in ([0-9.]+) s")]
    private static partial Regex Pause();

    private Task<DarterServer> StartShopAsync(int workers)
    {
        _folder = TemporaryFolder();
        Write(Good);
        return StartAsync(workers, target: Path.Combine(_folder, "shop.py"));
    }

    // Replaced as a whole, so that no worker reads half of it.
    private void Write(string source)
    {
        string path = Path.Combine(_folder, "shop.py");
        File.WriteAllText(path + ".new", source);
        File.Move(path + ".new", path, overwrite: true);
    }
}
