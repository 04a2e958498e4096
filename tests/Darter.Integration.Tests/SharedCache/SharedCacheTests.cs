using System.Text.Json.Nodes;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.SharedCache;

/// <summary>The cache that workers share: from Python, Django and memcached's clients, over the end of workers and reloads.</summary>
public sealed class SharedCacheTests(ServerPool pool) : ServerTest(pool)
{
    private const int Requests = 40;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_OfSeveralWorkers_AreCountedTogether_AndOutliveThem()
    {
        string socket = Path.Combine(TemporaryFolder(), "control.sock");
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = App("shared-cache"),
            Workers = 2,
            Threads = 2,
            Arguments = ["--control-socket", socket],
        });
        using HttpClient client = new() { BaseAddress = server.Address.Uri };
        await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => client.GetStringAsync("/count", Cancellation)));
        (string count, int worker) = await AskAsync(client);
        Assert.Equal($"{Requests * 100}", count);

        LinuxProcess.Send(worker, Signal.Kill);
        await Wait.Until(() => !server.Workers.Contains(worker), "the end of the worker");
        Assert.Equal($"{Requests * 100}", (await AskAsync(client)).Count);

        CommandResult reload = await RunAsync(socket, "reload");
        Assert.True(reload.ExitCode == 0, reload.All);
        Assert.Equal($"{Requests * 100}", (await AskAsync(client)).Count);

        JsonNode status = JsonNode.Parse((await RunAsync(socket, "status", "--json")).Output)!["shared_cache"]!;
        Assert.Equal((1, true, 64 * 1024 * 1024), ((int)status["values"]!, (int)status["bytes"]! > 0, (int)status["size"]!));
        Assert.Contains("values      1 values, 0.0 of 64.0 MiB, ", (await RunAsync(socket, "status")).Output);
    }

    [Fact]
    public async Task Clients_OfThisServer_GetWhatTheirAuthorsPromise()
    {
        PythonInterpreter python = Require.SystemPython("pymemcache");
        string address = $"unix:{TemporaryFolder()}/values.sock";
        await StartAsync(new DarterServerOptions { Target = App("shared-cache"), Python = python, Arguments = ["--shared-cache-bind", address] });
        Dictionary<string, string?> environment = new()
        {
            ["DARTER_VALUES"] = address,
            ["PYTHONPATH"] = Path.Combine(RepositoryPaths.Root, "python"),
            ["PYTHONDONTWRITEBYTECODE"] = "1",
        };
        CommandResult result = await Command.RunAsync(python.Path, [Path.Combine(RepositoryPaths.Root, "testassets", "clients", "shared_cache.py")], Path.GetTempPath(), environment);
        Assert.True(result.ExitCode == 0, result.All);
    }

    private static async Task<(string Count, int Worker)> AskAsync(HttpClient client)
    {
        string[] words = (await client.GetStringAsync("/", Cancellation)).Split(' ');
        return (words[0], int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    private static Task<CommandResult> RunAsync(string socket, params string[] arguments) =>
        Command.RunAsync(RepositoryPaths.Executable, [.. arguments, "--control", socket], Path.GetTempPath());
}
