using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Tornado;

/// <summary>Event loops, processes and the life of a worker.</summary>
public class ProcessTests(ServerPool pool) : TornadoTest(pool)
{
    [Fact]
    public async Task Callback_ThatIsStartedWhileTheModuleIsImported_Runs()
    {
        DarterServer server = await StartAsync(Options("loop") with { Environment = new Dictionary<string, string?> { ["TICKS"] = "1" } });
        Assert.Equal("ticking", (await AskAsync(server, "/ticks")).Text);
    }

    [Theory]
    [InlineData("--log-level", "info")]
    [InlineData("--preload", "true")]
    public async Task Factory_ThatIsACoroutineFunction_RunsOnTheLoop(string option, string value)
    {
        string[] arguments = option == "--preload" ? [option] : [option, value];
        DarterServer server = await StartAsync(Options("loop:factory()", arguments));
        Assert.Equal("ticking", (await AskAsync(server, "/ticks")).Text);
    }

    [Fact]
    public async Task Workers_HaveTheNumbersOfTornadosProcesses()
    {
        DarterServer server = await StartAsync(Options("loop") with { Workers = 2 });
        Dictionary<int, int> tasks = [];
        await Wait.Until(
            async () =>
            {
                JsonElement process = (await AskAsync(server, "/process")).Json;
                tasks[process.GetProperty("pid").GetInt32()] = process.GetProperty("task").GetInt32();
                return tasks.Count == 2 || server.Workers.Count < 2;
            },
            () => "an answer of each worker");
        Assert.Equal([0, 1], tasks.Values.Order());
        Assert.Equal(server.Workers.Order(), tasks.Keys.Order());
    }

    [Fact]
    public async Task Debugging_DoesNotMakeTheWorkerReloadItself()
    {
        string folder = TemporaryFolder();
        string file = Path.Combine(folder, "app.py");
        File.Copy(Path.Combine(RepositoryPaths.TornadoApp("loop"), "app.py"), file);
        DarterServer server = await StartAsync(Options("loop") with
        {
            Target = file,
            Environment = new Dictionary<string, string?> { ["DEBUG"] = "1", ["TICKS"] = "1" },
        });
        int worker = Assert.Single(server.Workers);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(1));

        // Autoreload looks twice a second, on the loop that ticks a thousand times a second.
        for (int turn = 0; turn < 600; turn++)
        {
            Assert.Equal("ticking", (await AskAsync(server, "/ticks")).Text);
        }

        Assert.Equal([worker], server.Workers);
    }

    [Fact]
    public async Task Loop_ThatIsStopped_EndsTheWorkerInOrder()
    {
        DarterServer server = await StartAsync("loop");
        int worker = Assert.Single(server.Workers);
        await AskAsync(server, "/stop");
        await Wait.Until(
            async () => (await AskAsync(server, "/process")).Json.GetProperty("pid").GetInt32() != worker,
            () => "another worker");
        Assert.DoesNotContain("Traceback", server.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("tornado")]
    public async Task Status_SaysTornado(string chosen)
    {
        string socket = Path.Combine(TemporaryFolder(), "control.sock");
        DarterServer server = await StartAsync("loop", "--interface", chosen, "--control-socket", socket);
        CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, ["status", "--control", socket], Path.GetTempPath(), null);
        Assert.Contains($"{server.Options.Target} (tornado)", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preloading_IsPossible()
    {
        DarterServer server = await StartAsync(Options("loop", "--preload") with { Environment = new Dictionary<string, string?> { ["TICKS"] = "1" } });
        Assert.Equal(200, (await AskAsync(server, "/process")).Status);
        await server.Log.WaitForAsync("what the application has scheduled on an event loop while it was preloaded is never run");
    }

    [Theory]
    [InlineData("--lifespan", "on", "--lifespan on: this is an application of Tornado")]
    [InlineData("--interface", "wsgi", "--interface wsgi: this is an application of Tornado")]
    public async Task Option_ThatDoesNotFit_IsAnError(string option, string value, string expected)
    {
        DarterServer server = Launch(Options("loop", option, value));
        Assert.Equal(3, await server.WaitForExitAsync());
        Assert.Contains(expected, server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_OfASource_IsAnsweredByTheNewCode()
    {
        string folder = TemporaryFolder();
        string file = Path.Combine(folder, "app.py");
        await File.WriteAllTextAsync(file, Source("one"), Cancellation);
        DarterServer server = await StartAsync(Options("loop", "--log-level", "info") with { Target = null, CommandName = "dev", Workers = null, WorkingDirectory = folder });
        Assert.Equal("one", await AnswerAsync(server));
        await File.WriteAllTextAsync(file, Source("two"), Cancellation);
        await Wait.Until(async () => await AnswerAsync(server) == "two", () => "the new code");
    }

    private static string Source(string answer) => $"""
        from tornado import web
        class Main(web.RequestHandler):
            def get(self):
                self.set_header("Content-Type", "text/plain")
                self.write("{answer}")
        def make_app():
            return web.Application([("/", Main)], debug=True)
        """;

    private static async Task<string> AnswerAsync(DarterServer server) =>
        (await RawConnection.ExchangeAsync(server.Address, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).Text;
}
