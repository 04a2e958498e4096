using System.Globalization;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Lifecycle;

/// <summary>The hooks of a gunicorn.conf.py are called where and when Gunicorn calls them.</summary>
public class HookTests(ServerPool pool) : ServerTest(pool)
{
    private string _events = "";

    public static MatrixTheoryData<string, bool> PythonsAndPreloading => new(Rows.Pythons, [false, true]);

    [Theory]
    [MemberData(nameof(PythonsAndPreloading))]
    public async Task Hooks_OfAServersLife_AreCalledInOrder(string python, bool preload)
    {
        DarterServer server = await StartAsync(Options(preload ? ["--preload"] : []) with { Python = PythonInterpreters.Get(python) });
        await EventAsync("when_ready 1");
        string pid = Words("post_fork")[2];
        Assert.Equal(["on_starting shop 1 1", "nworkers_changed None 1", "pre_fork 1", $"post_fork 1 {pid}", $"post_worker_init {pid}", "when_ready 1"], Sorted(Events()));

        Assert.Equal("served", (await AskAsync(server, "/page?x=1")).Text);
        await EventAsync("post_request /page 200 OK");
        Assert.Contains("pre_request GET /page 1", Events());

        LinuxProcess.Send(int.Parse(pid, CultureInfo.InvariantCulture), Signal.Kill);
        await EventAsync($"child_exit {pid}");
        Assert.Equal("served", (await AskAsync(server, "/")).Text);

        server.Send(Signal.Hangup);
        await server.Log.WaitForAsync("Generation 2 serves");
        Assert.Contains("on_reload", Events());
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal("on_exit", Events()[^1]);
        Assert.Equal(2, Events().Count(line => line.StartsWith("worker_exit", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Hooks_OfAChangedFile_AreCalledFromItsReloadOn()
    {
        DarterServerOptions options = Options();
        string configuration = Path.Combine(TemporaryFolder(), "gunicorn.conf.py");
        File.Copy(Path.Combine(RepositoryPaths.WsgiApp("hooks"), "gunicorn.conf.py"), configuration);
        DarterServer server = await StartAsync(options with { Arguments = ["-c", configuration] });
        string text = await File.ReadAllTextAsync(configuration, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            configuration, text.Replace("\"on_reload\"", "\"on_reload again\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        server.Send(Signal.Hangup);
        await EventAsync("on_reload again");
        await server.Log.WaitForAsync("Generation 2 serves");
    }

    [Fact]
    public async Task WorkerInt_IsCalled_WhenTheServerStopsAtOnce()
    {
        DarterServer server = await StartAsync(Options());
        server.Send(Signal.Quit);
        await server.WaitForExitAsync();
        Assert.Equal(Words("post_fork")[2], Words("worker_int")[1]);
    }

    [Fact]
    public async Task WorkerAbort_IsCalled_WhenAWorkerIsStuck()
    {
        DarterServer server = await StartAsync(Options());
        string pid = Words("post_fork")[2];
        Assert.Equal(504, (await AskAsync(server, "/stuck")).Status);
        await EventAsync($"worker_abort {pid}");
        await EventAsync($"child_exit {pid}");
    }

    [Fact]
    public async Task NworkersChanged_IsCalled_WhenTheServerIsScaled()
    {
        DarterServer server = await StartAsync(Options());
        server.Send(Signal.TerminalInput);
        await EventAsync("nworkers_changed 1 2");
        server.Send(Signal.TerminalOutput);
        await EventAsync("nworkers_changed 2 1");
    }

    [Theory]
    [InlineData("on_starting", 1)]
    [InlineData("post_fork", 3)]
    public async Task Hook_ThatRaises_KeepsTheServerFromStarting(string hook, int status)
    {
        DarterServer server = Launch(Options() with { Environment = new Dictionary<string, string?> { ["EVENTS"] = _events, ["BROKEN"] = hook } });
        Assert.Equal(status, await server.WaitForExitAsync());
        await server.Log.WaitForAsync("RuntimeError: not today");
    }

    private DarterServerOptions Options(params string[] arguments)
    {
        _events = Path.Combine(TemporaryFolder(), "events");
        string configuration = Path.Combine(RepositoryPaths.WsgiApp("hooks"), "gunicorn.conf.py");
        return new DarterServerOptions
        {
            Target = App("hooks"),
            Workers = 1,
            Arguments = ["-c", configuration, .. arguments],
            Environment = new Dictionary<string, string?> { ["EVENTS"] = _events },
        };
    }

    private string[] Events() => File.Exists(_events) ? File.ReadAllLines(_events) : [];

    private Task EventAsync(string line) => Wait.Until(() => Events().Contains(line), () => $"'{line}' in\n{string.Join('\n', Events())}");

    private string[] Words(string hook) => Events().First(line => line.StartsWith($"{hook} ", StringComparison.Ordinal)).Split(' ');

    // The master's hooks and the worker's run in two processes: of each the order counts.
    private static string[] Sorted(string[] events) =>
        [.. events.Where(line => !IsOfWorker(line)).TakeWhile(line => !line.StartsWith("when_ready", StringComparison.Ordinal)), .. events.Where(IsOfWorker), .. events.Where(line => line.StartsWith("when_ready", StringComparison.Ordinal))];

    private static bool IsOfWorker(string line) => line.StartsWith("post_", StringComparison.Ordinal);

    private static Task<RawResponse> AskAsync(DarterServer server, string target) =>
        RawConnection.ExchangeAsync(server.Address, $"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
}
