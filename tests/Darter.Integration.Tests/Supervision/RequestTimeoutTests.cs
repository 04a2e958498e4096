namespace Darter.Integration.Tests.Supervision;

/// <summary>--request-timeout: no request runs for longer, whatever runs it.</summary>
public class RequestTimeoutTests(ServerPool pool) : FaultTest(pool)
{
    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Task_ThatTakesTooLong_IsCancelledAndTheWorkerKept(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync("asgi", workers: 1, threads: 1, "--request-timeout", "0.5");
        int worker = Assert.Single(server.Workers);
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        using HttpResponseMessage response = await client.GetAsync($"/cancelled?port={gate.Port}", Cancellation);

        Assert.Equal(504, (int)response.StatusCode);
        Assert.Equal($"504 Gateway Timeout\nRequest id: {response.Headers.GetValues("x-request-id").Single()}\n", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal($"{worker}", (await gate.ReachedAsync("cancelled")).Text);
        await server.Log.WaitForAsync($"Worker 1 (pid {worker}) runs a request for longer than --request-timeout 0.5");
        await server.Log.WaitForAsync($"Worker 1 (pid {worker}): Task ");
        await server.Log.WaitForAsync("in hang");
        Assert.Equal(worker, await ServingWorkerAsync(server));
        Assert.Equal([worker], server.Workers);
        Assert.DoesNotContain("Traceback", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Others_OfTheSameLoop_AreNotDisturbed()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync("asgi", workers: 1, threads: 1, "--request-timeout", "1");
        Task<RawResponse> late = AskAsync(server, $"/cancelled?port={gate.Port}");
        await gate.ReachedAsync("hanging");
        Assert.Equal(504, (await late).Status);

        Task<RawResponse>[] others = [.. Enumerable.Range(0, 5).Select(_ => AskAsync(server, $"/wait?port={gate.Port}"))];
        Task<RawResponse> second = AskAsync(server, "/hang");
        foreach (Task<RawResponse> _ in others)
        {
            (await gate.ReachedAsync("waiting")).Release();
        }

        Assert.All(await Task.WhenAll(others), response => Assert.Equal(200, response.Status));
        Assert.Equal(504, (await second).Status);
    }

    [Fact]
    public async Task Task_ThatIgnoresThatItIsCancelled_CostsTheWorkerOnceOthersAreDone()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync("asgi", workers: 1, threads: 1, "--request-timeout", "5");
        int worker = Assert.Single(server.Workers);
        await AssertTimedOutAsync(server, await AskAsync(server, "/deaf"), "/deaf", "--request-timeout 5");
        Task<RawResponse> other = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        Assert.Equal(worker, Pid(arrival.Text));
        await server.Log.WaitForAsync($"Worker 1 (pid {worker}) did not end a request that was cancelled: it is replaced");
        Task<int> next = ServingWorkerAsync(server);
        arrival.Release();

        Assert.Equal(200, (await other).Status);
        Assert.NotEqual(worker, await next);
        await WaitForWorkersWithoutAsync(server, worker);
    }

    [Theory]
    [InlineData(1, "/sleep")]
    [InlineData(1, "/spin")]
    [InlineData(1, "/deaf")]
    [InlineData(2, "/lock")]
    public async Task Thread_ThatTakesTooLong_CostsItsWorker(int threads, string target)
    {
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads, "--request-timeout", "0.5");
        int worker = Assert.Single(server.Workers);
        await AssertTimedOutAsync(server, await AskAsync(server, target), target, "--request-timeout 0.5");
        Assert.NotEqual(worker, await ServingWorkerAsync(server));
        await server.Log.WaitForAsync($"Worker 1 (pid {worker}):   File ");
        await WaitForWorkersWithoutAsync(server, worker);
    }

    [Fact]
    public async Task Threads_BesideOneThatTakesTooLong_FinishWhatTheyHave()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 3, "--request-timeout", "5");
        int worker = Assert.Single(server.Workers);
        Task<RawResponse>[] late = [AskAsync(server, "/lock"), AskAsync(server, "/lock")];
        Assert.Equal(200, (await AskAsync(server, "/work?ms=2500")).Status);
        Task<RawResponse> other = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        Assert.All(await Task.WhenAll(late), response => Assert.Equal(504, response.Status));
        Task<int> next = ServingWorkerAsync(server);
        arrival.Release();

        Assert.Equal(200, (await other).Status);
        Assert.NotEqual(worker, await next);
        await WaitForWorkersWithoutAsync(server, worker);
        await server.Log.WaitForAsync("Thread 0x");
    }

    [Fact]
    public async Task WebSocket_ThatWasAccepted_IsNoRequest()
    {
        DarterServer server = await StartStuckAsync("asgi", workers: 1, threads: 1, "--request-timeout", "0.2");
        using System.Net.WebSockets.ClientWebSocket socket = new();
        await socket.ConnectAsync(new UriBuilder(server.Address.Uri) { Scheme = "ws" }.Uri, Cancellation);
        Assert.Equal(504, (await AskAsync(server, "/hang")).Status);
        await socket.SendAsync("still here"u8.ToArray(), System.Net.WebSockets.WebSocketMessageType.Text, true, Cancellation);
        byte[] buffer = new byte[64];
        System.Net.WebSockets.WebSocketReceiveResult result = await Wait.For(socket.ReceiveAsync(buffer, Cancellation), "the echo");
        Assert.Equal("still here"u8.ToArray(), buffer[..result.Count]);
    }

    [Fact]
    public async Task Time_InTheQueue_DoesNotCount()
    {
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 1, "--request-timeout", "3");
        Task<RawResponse>[] responses = [AskAsync(server, "/work?ms=2000"), AskAsync(server, "/work?ms=2000")];
        Assert.All(await Task.WhenAll(responses), response => Assert.Equal(200, response.Status));
    }
}
