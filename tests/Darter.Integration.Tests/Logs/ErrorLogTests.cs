using System.Text.Json;
using System.Text.RegularExpressions;

namespace Darter.Integration.Tests.Logs;

/// <summary>The error log, and what workers write.</summary>
public class ErrorLogTests(ServerPool pool) : LogTest(pool)
{
    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Output_ThatIsCaptured_IsInTheErrorLogWithTheWorkersName(string python)
    {
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = App("logs"),
            Python = PythonInterpreters.Get(python),
            Arguments = ["--capture-output"],
        });
        int worker = server.Workers.Single();
        await AskAsync(server, "/print?text=printed");
        await AskAsync(server, "/raise?text=thrown");

        await server.Log.WaitForAsync(new Regex(@"ValueError: thrown"));
        string prefix = $"[{worker}] [INFO] worker 1: ";
        Assert.Equal(2, server.Log.Lines().Count(line => line.EndsWith($"{prefix}printed", StringComparison.Ordinal)));
        Assert.Single(server.Log.Lines(), line => line.EndsWith($"{prefix}printed in wsgi.errors", StringComparison.Ordinal));
        Assert.Single(server.Log.Lines(), line => line.EndsWith($"{prefix}ValueError: thrown", StringComparison.Ordinal));
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal("", server.Output.Text);
    }

    [Fact]
    public async Task Output_ThatIsCaptured_LosesNothingHoweverMuchItIs()
    {
        string log = Path.Combine(TemporaryFolder(), "error.log");
        DarterServer server = Launch(new DarterServerOptions
        {
            Target = App("logs"),
            Binds = [$"unix:{Path.Combine(TemporaryFolder(), "a.sock")}"],
            Arguments = ["--capture-output", "--error-logfile", log],
        });
        ServerAddress address = ServerAddress.Parse($"Listening at: {server.Options.Binds[0]} (1)")!;
        await Wait.Until(() => File.Exists(log) && File.ReadAllText(log).Contains("Ready", StringComparison.Ordinal), "the start");

        Assert.Equal(200, (await RawConnection.ExchangeAsync(address, Get("/flood?lines=60000"))).Status);
        Assert.Equal(0, await server.StopAsync());

        Assert.Equal(Enumerable.Range(0, 60000), File.ReadLines(log).Where(line => line.Contains("worker 1: ", StringComparison.Ordinal)).Select(line => int.Parse(line.Split(' ')[^2])));
    }

    [Fact]
    public async Task ErrorLog_WithAFile_HasTracebacksAndWsgiErrorsButNotWhatIsPrinted()
    {
        string log = Path.Combine(TemporaryFolder(), "error.log");
        DarterServer server = Launch(new DarterServerOptions
        {
            Target = App("logs"),
            Binds = [$"unix:{Path.Combine(TemporaryFolder(), "a.sock")}"],
            Arguments = ["--log-file", log],
        });
        ServerAddress address = ServerAddress.Parse($"Listening at: {server.Options.Binds[0]} (1)")!;
        await Wait.Until(() => File.Exists(log) && File.ReadAllText(log).Contains("Ready", StringComparison.Ordinal), "the start");
        await RawConnection.ExchangeAsync(address, Get("/print?text=printed"));
        await RawConnection.ExchangeAsync(address, Get("/raise?text=thrown"));
        Assert.Equal(0, await server.StopAsync());

        string text = File.ReadAllText(log);
        Assert.Contains("worker 1: printed in wsgi.errors", text, StringComparison.Ordinal);
        Assert.Contains("worker 1: ValueError: thrown", text, StringComparison.Ordinal);
        Assert.Contains("] Stopped", text, StringComparison.Ordinal);
        Assert.DoesNotContain("worker 1: printed\n", text, StringComparison.Ordinal);
        Assert.Equal("printed", server.Log.Text);
        Assert.Equal("printed", server.Output.Text);
    }

    [Fact]
    public async Task ErrorLog_AsJson_IsOneObjectALine()
    {
        DarterServer server = await StartAsync("--log-json", "--capture-output");
        await AskAsync(server, "/raise?text=%22thrown%22");
        await AskAsync(server, "/die");
        await server.Log.WaitForAsync("ValueError: ");
        await server.StopAsync();

        List<JsonElement> lines = [.. server.Log.Lines().Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Contains(lines, line => line.GetProperty("message").GetString() == "ValueError: \"thrown\"" && line.GetProperty("worker").GetString() == "worker 1");
        Assert.Contains(lines, line => line.GetProperty("level").GetString() == "ERROR" && line.GetProperty("logger").GetString()!.StartsWith("Darter.", StringComparison.Ordinal));
    }
}
