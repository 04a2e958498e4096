namespace Darter.Integration.Tests.Supervision;

/// <summary>--max-queue and --queue-timeout, and requests that wait behind others.</summary>
public class QueueLimitTests(ServerPool pool) : FaultTest(pool)
{
    public static MatrixTheoryData<string, HttpProtocol> KindsAndProtocols => new(["wsgi", "asgi"], Rows.Protocols);

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Requests_BeyondMaxQueue_AreAnswered503(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 1, "--max-queue", "2");
        (Task<RawResponse> running, Gate.Arrival arrival, _) = await HoldAsync(server, gate);
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        Task<HttpResponseMessage>[] others = [.. Enumerable.Range(0, 6).Select(i => client.GetAsync($"/{i}", Cancellation))];
        await Wait.Until(() => others.Count(task => task.IsCompleted) == 4, "four refusals");
        Assert.All(others.Where(task => task.IsCompleted), task =>
        {
            Assert.Equal(503, (int)task.Result.StatusCode);
            Assert.Equal("1", task.Result.Headers.GetValues("Retry-After").Single());
        });
        arrival.Release();

        Assert.Equal(200, (await running).Status);
        HttpResponseMessage[] all = await Task.WhenAll(others);
        Assert.Equal(2, all.Count(response => (int)response.StatusCode == 200));
        await server.Log.WaitForAsync("As many requests as --max-queue 2 allows wait for a worker: others were answered 503, 1 of them");

        // The others come in a summary, later.
        Assert.Equal(1, CountLines(server, "--max-queue"));
        Assert.Equal(0, CountLines(server, "[ERROR]"));
    }

    [Theory]
    [MemberData(nameof(KindsAndProtocols))]
    public async Task Request_ThatWaitsTooLong_IsAnswered503AndNotRun(string kind, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync(kind, workers: 1, threads: 1, "--queue-timeout", "0.5");
        Task<RawResponse> running = AskAsync(server, $"/{(kind == "asgi" ? "blockgate" : "wait")}?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        HttpResponseMessage[] late = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => client.GetAsync($"/late/{i}", Cancellation)));
        Assert.All(late, response => Assert.Equal(503, (int)response.StatusCode));
        Assert.All(late, response => Assert.Equal("1", response.Headers.GetValues("Retry-After").Single()));
        arrival.Release();

        Assert.Equal(200, (await running).Status);
        await server.Log.WaitForAsync("Requests waited for a worker for longer than --queue-timeout 0.5: they were answered 503");
        Assert.DoesNotContain(await StartedAsync(server), target => target.Contains("/late/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_BehindASlowOne_GoToOtherWorkers()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync("wsgi", workers: 2, threads: 2);
        RequestLoad load = new(server.Address, 16, "/");
        await Wait.Until(() => load.Total > 2000, "the server to learn that the application is fast");

        // While requests are sent ahead, three of the four threads are occupied one after another: nothing stays behind them.
        List<(Task<RawResponse> Response, Gate.Arrival Arrival)> slow = [];
        for (int i = 0; i < 3; i++)
        {
            Task<RawResponse> response = AskAsync(server, $"/wait?port={gate.Port}");
            slow.Add((response, await gate.ReachedAsync("waiting")));
            int before = load.Total;
            await Wait.Until(() => load.Total > before + 1000, () => $"the load to go on: {load}");
        }

        await load.StopAsync();
        Assert.True(load["200"] == load.Total, load.ToString());
        slow.ForEach(one => one.Arrival.Release());
        Assert.All(await Task.WhenAll(slow.Select(one => one.Response)), response => Assert.Equal(200, response.Status));
    }
}
