using System.Text.Json.Nodes;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Caching;

/// <summary>The cache as a user has it: the option, clients of both versions of HTTP, and the commands.</summary>
public sealed class CacheTests(ServerPool pool) : ServerTest(pool)
{
    private const int Clients = 200;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cache_AnswersManyWithOneCall_AndForgetsWhatIsPurged()
    {
        string socket = Path.Combine(TemporaryFolder(), "control.sock");
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = App("cache"),
            Arguments = ["--cache", "8MiB", "--control-socket", socket],
        });
        using HttpClient http1 = ServerClient.Create(server.Address, HttpProtocol.Http1);
        using HttpClient http2 = ServerClient.Create(server.Address, HttpProtocol.Http2);
        string target = $"/number?port={gate.Port}";
        Task<string>[] answers = [.. Enumerable.Range(0, Clients).Select(number => (number % 2 == 0 ? http1 : http2).GetStringAsync(target, Cancellation))];
        (await gate.ReachedAsync("asked")).Release();
        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal("1", answer));

        using HttpResponseMessage hit = await http2.GetAsync(target, Cancellation);
        Assert.StartsWith("Darter; hit; ttl=", Assert.Single(hit.Headers.GetValues("Cache-Status")), StringComparison.Ordinal);
        Assert.False(hit.Headers.Contains("Surrogate-Key"));

        JsonNode status = JsonNode.Parse((await RunAsync(socket, "status", "--json")).Output)!["cache"]!;
        Assert.Equal((1, 1, Clients), ((int)status["misses"]!, (int)status["answers"]!, (int)status["hits"]! + (int)status["collapsed"]!));

        foreach (string[] purge in (string[][])[["--tag", "numbers"], [$"http://{server.Address.Authority}/plain"], ["--prefix", "/pl"], ["--all"]])
        {
            string before = await http1.GetStringAsync("/plain", Cancellation);
            CommandResult result = await RunAsync(socket, ["cache", "purge", .. purge]);
            Assert.Equal((0, "", purge[0] == "--tag" ? "Purged: 2\n" : "Purged: 1\n"), (result.ExitCode, result.Errors, result.Output));
            Assert.NotEqual(before, await http1.GetStringAsync("/plain", Cancellation));
        }

        CommandResult shown = await RunAsync(socket, "cache", "status");
        Assert.Matches(@"^memory +0\.0 MiB of 8\.0 MiB\nanswers +1 now, 6 stored, 0 evicted, 5 purged\n", shown.Output);
        Assert.Equal((1, "darter: 'news' is neither a path, such as /news, nor an address, such as https://example.org/news\n"), await FailAsync(socket, "cache", "purge", "news"));
        Assert.Equal(1, (await FailAsync(socket, "cache", "purge")).ExitCode);
    }

    [Fact]
    public async Task Commands_WithoutACache_SayThatThereIsNone()
    {
        string socket = Path.Combine(TemporaryFolder(), "control.sock");
        await StartAsync(new DarterServerOptions { Target = App("cache"), Arguments = ["--control-socket", socket] });
        Assert.Equal((1, "darter: the server has no cache (--cache)\n"), await FailAsync(socket, "cache", "status"));
        Assert.Equal((1, "darter: the server has no cache (--cache)\n"), await FailAsync(socket, "cache", "purge", "--all"));
    }

    private static Task<CommandResult> RunAsync(string socket, params string[] arguments) =>
        Command.RunAsync(RepositoryPaths.Executable, [.. arguments, "--control", socket], Path.GetTempPath());

    private static async Task<(int ExitCode, string Errors)> FailAsync(string socket, params string[] arguments)
    {
        CommandResult result = await RunAsync(socket, arguments);
        return (result.ExitCode, result.Errors);
    }
}
