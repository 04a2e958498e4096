using System.Text.Json.Nodes;
using Darter.Testing.Processes;
using Darter.Testing.Redis;

namespace Darter.Integration.Tests.Caching;

/// <summary>Two servers that share answers over one Redis, which is killed and started again.</summary>
public sealed class SharedAnswersTests(ServerPool pool) : ServerTest(pool)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_OfOneServer_AreTheOthers_UntilOnePurges_AndWithoutRedisTheApplicationAnswers()
    {
        Assert.SkipUnless(RedisServer.Missing is null, RedisServer.Missing ?? "");
        RedisServer redis = Own(await RedisServer.StartAsync());
        string controlA = Path.Combine(TemporaryFolder(), "a.sock");
        string controlB = Path.Combine(TemporaryFolder(), "b.sock");
        DarterServer a = await StartNodeAsync(redis, controlA);
        DarterServer b = await StartNodeAsync(redis, controlB);

        // The application counts its calls, so that 2 is an answer of the first server's.
        Assert.Equal("1", (await GetAsync(a, "/other")).Body);
        Assert.Equal("2", (await GetAsync(a, "/page")).Body);
        await Wait.Until(async () => await redis.AskAsync("EXISTS darter:{answers}:of:http://example.org/page") == ":1", () => "the answer in Redis");
        (string body, string status) = await GetAsync(b, "/page");
        Assert.Equal("2", body);
        Assert.StartsWith("Darter; hit; ttl=", status, StringComparison.Ordinal);
        JsonNode shown = JsonNode.Parse((await RunAsync(controlB, "status", "--json")).Output)!["cache"]!;
        Assert.Equal((1, 0), ((int)shown["fetched"]!, (int)shown["misses"]!));
        Assert.EndsWith(": connected", (string?)shown["backend"], StringComparison.Ordinal);
        Assert.Contains("shared      1 fetched; redis://", (await RunAsync(controlB, "cache", "status")).Output, StringComparison.Ordinal);

        Assert.Equal("Purged: 2\n", (await RunAsync(controlA, "cache", "purge", "--tag", "numbers")).Output);
        await Wait.Until(async () => (await GetAsync(b, "/page")).Body == "1", () => "the purge to reach the other server");

        redis.Kill();
        await Task.WhenAll(LoggedAsync(a, "is away", 1), LoggedAsync(b, "is away", 1));
        Assert.Equal("1", (await GetAsync(b, "/page")).Body);
        Assert.Equal("2", (await GetAsync(b, "/new")).Body);
        Assert.Equal("2", (await GetAsync(b, "/new")).Body);

        await redis.StartAgainAsync();
        await Task.WhenAll(LoggedAsync(a, "Connected to", 2), LoggedAsync(b, "Connected to", 2));
        Assert.Equal("3", (await GetAsync(a, "/page")).Body);
        await Wait.Until(async () => await redis.AskAsync("EXISTS darter:{answers}:of:http://example.org/page") == ":1", () => "the answer in Redis");
        Assert.Equal("3", (await GetAsync(b, "/page")).Body);
    }

    private async Task<DarterServer> StartNodeAsync(RedisServer redis, string control)
    {
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = App("cache"),
            Arguments = ["--cache", "8MiB", "--shared-cache", "0", "--cache-redis", redis.Url, "--control-socket", control],
        });
        await LoggedAsync(server, "Connected to", 1);
        return server;
    }

    private static async Task<(string Body, string CacheStatus)> GetAsync(DarterServer server, string target)
    {
        using HttpClient client = new();
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(server.Address.Uri, target));
        request.Headers.Host = "example.org";
        using HttpResponseMessage response = await Wait.For(client.SendAsync(request, Cancellation), $"the answer to {target}");
        Assert.True(response.IsSuccessStatusCode, server.Log.Text);
        return (await response.Content.ReadAsStringAsync(Cancellation), string.Join(", ", response.Headers.GetValues("Cache-Status")));
    }

    private static Task LoggedAsync(DarterServer server, string text, int times) => Wait.Until(
        () => server.Log.Lines().Count(line => line.Contains(text, StringComparison.Ordinal)) >= times,
        () => $"'{text}' {times} times in\n{server.Log.Text}");

    private static Task<CommandResult> RunAsync(string socket, params string[] arguments) =>
        Command.RunAsync(RepositoryPaths.Executable, [.. arguments, "--control", socket], Path.GetTempPath());
}
