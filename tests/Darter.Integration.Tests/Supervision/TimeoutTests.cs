using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Supervision;

/// <summary>--timeout: a worker that gives no sign of life while it has requests is interrupted and replaced.</summary>
public class TimeoutTests(ServerPool pool) : FaultTest(pool)
{
    /// <summary>Interface, threads, path, and what the stacks in the log must tell.</summary>
    public static TheoryData<string, int, string, string> Stuck => new()
    {
        { "wsgi", 1, "/spin", "in never_ends" },
        { "wsgi", 1, "/sleep", "in never_ends" },
        { "wsgi", 1, "/native", "in never_ends" },
        { "wsgi", 1, "/lock", "in never_ends" },
        { "wsgi", 1, "/deaf", "in never_ends" },
        { "wsgi", 2, "/native", "in never_ends" },
        { "asgi", 1, "/block", "in respond" },
        { "asgi", 1, "/native", "in respond" },
    };

    [Theory]
    [MemberData(nameof(Stuck))]
    public async Task Worker_ThatIsStuck_IsReplacedAndItsClientIsAnswered(string kind, int threads, string target, string stack)
    {
        DarterServer server = await StartStuckAsync(kind, workers: 1, threads, "--timeout", "0.5");
        int worker = Assert.Single(server.Workers);
        Task<RawResponse> stuck = AskAsync(server, target);
        await server.Log.WaitForAsync("for longer than --timeout 0.5: it is interrupted and replaced");
        Task<RawResponse>[] others = [.. Enumerable.Range(0, 10).Select(_ => AskAsync(server, "/"))];

        await AssertTimedOutAsync(server, await stuck, target, "--timeout 0.5");
        Assert.All(await Task.WhenAll(others), response => Assert.Equal(200, response.Status));
        Assert.All(await Task.WhenAll(others), response => Assert.NotEqual(worker, Pid(response.Text)));
        await server.Log.WaitForAsync($"Worker 1 (pid {worker}):   File ");
        Assert.Contains(server.Log.Lines(), line => line.Contains($"(pid {worker}):   File ", StringComparison.Ordinal) && line.Contains(stack, StringComparison.Ordinal));
        await WaitForWorkersWithoutAsync(server, worker);
        await Wait.Until(() => !LinuxProcess.IsRunning(worker), "the end of the stuck worker");
    }

    [Fact]
    public async Task Worker_ThatIsStuckWhileOthersLoad_IsReplacedAndTheStartGoesOn()
    {
        Gate gate = OpenGate();
        string folder = TemporaryFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder, "shop.py"),
            $"""
            import os, time
            import gate
            try:
                os.close(os.open("first", os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                gate.wait({gate.Port}, "loading")

            def application(environ, start_response):
                if environ["PATH_INFO"] == "/stuck":
                    time.sleep(3600)
                start_response("200 OK", [])
                return []
            """,
            Cancellation);
        DarterServer server = Launch(new DarterServerOptions { Target = "shop", WorkingDirectory = folder, Workers = 2, Arguments = ["--timeout", "0.5"] });
        Gate.Arrival second = await gate.ReachedAsync("loading");
        await Wait.Until(() => server.Addresses.Count == 1, () => "the server to listen");
        Assert.Equal(504, (await AskAsync(server, "/stuck")).Status);
        Gate.Arrival replacement = await gate.ReachedAsync("loading");
        second.Release();
        replacement.Release();
        await server.Log.WaitForAsync("Ready:");
        Assert.Equal(200, (await AskAsync(server, "/")).Status);
    }

    [Theory]
    [InlineData("wsgi", 1, "/spin")]
    [InlineData("wsgi", 3, "/native")]
    [InlineData("asgi", 1, "/block")]
    public async Task Requests_BehindAStuckOne_RunElsewhere(string kind, int threads, string target)
    {
        DarterServer server = await StartStuckAsync(kind, workers: 1, threads, "--timeout", "1");
        int worker = Assert.Single(server.Workers);
        Task<RawResponse> stuck = AskAsync(server, target);
        Task<RawResponse>[] others = [.. Enumerable.Range(0, 20).Select(_ => AskAsync(server, "/"))];

        Assert.Equal(504, (await stuck).Status);
        foreach (RawResponse response in await Task.WhenAll(others))
        {
            // What was started before the other is stuck has been answered, or is stuck with it.
            Assert.True(response.Status is 200 or 504, response.ToString());
        }

        Assert.NotEqual(worker, await ServingWorkerAsync(server));
        Assert.Equal(CountLines(server, "answered 504"), 1 + (await Task.WhenAll(others)).Count(response => response.Status == 504));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Worker_ThatIsStuck_IsAnsweredOverEachProtocol(HttpProtocol protocol)
    {
        DarterServer server = await StartStuckAsync("wsgi", workers: 2, threads: 1, "--timeout", "0.5");
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        Task<HttpResponseMessage>[] stuck = [client.GetAsync("/sleep", Cancellation), client.GetAsync("/spin", Cancellation)];
        foreach (HttpResponseMessage response in await Task.WhenAll(stuck))
        {
            Assert.Equal(504, (int)response.StatusCode);
            Assert.Contains(response.Headers.GetValues("X-Request-Id").Single(), await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }

        Assert.Equal(200, (int)(await client.GetAsync("/", Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("wsgi", 1)]
    [InlineData("asgi", 1)]
    public async Task Response_ThatHasBegun_IsBrokenOff(string kind, int threads)
    {
        string option = kind == "asgi" ? "--request-timeout" : "--timeout";
        DarterServer server = await StartStuckAsync(kind, workers: 1, threads, option, "0.5");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get("/partial"));
        Assert.Equal(200, (await connection.ReadHeadAsync()).Status);
        Assert.Equal("part"u8.ToArray(), await connection.ReadChunkAsync());

        Assert.Empty(await connection.ReadToEndAsync());
        await server.Log.WaitForAsync($"GET /partial: the response is broken off, since it took longer than {option} 0.5");
        await ServingWorkerAsync(server);
    }

    [Theory]
    [InlineData("wsgi", 2)]
    [InlineData("asgi", 1)]
    public async Task Request_ThatTakesLong_IsNoMatterWhileTheWorkerIsAlive(string kind, int threads)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync(kind, workers: 1, threads, "--timeout", "0.2");
        Task<RawResponse> slow = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");

        // Several times as long.
        Assert.Equal(200, (await AskAsync(server, "/work?ms=1000")).Status);
        arrival.Release();
        Assert.Equal(200, (await slow).Status);
        Assert.DoesNotContain("--timeout", server.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wsgi", 1, "/sleep")]
    [InlineData("asgi", 1, "/block")]
    public async Task Worker_ThatIsStuckForAClientThatLeft_IsReplacedToo(string kind, int threads, string target)
    {
        DarterServer server = await StartStuckAsync(kind, workers: 1, threads, "--timeout", "0.5");
        int worker = Assert.Single(server.Workers);
        Gate gate = OpenGate();
        RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get($"{target}?port={gate.Port}"));
        await gate.ReachedAsync("running");
        connection.Abort();

        Assert.NotEqual(worker, await ServingWorkerAsync(server));
        await WaitForWorkersWithoutAsync(server, worker);
    }

    [Fact]
    public async Task Workers_ThatAreIdle_AreNeverStuck()
    {
        DarterServer server = await StartStuckAsync("wsgi", workers: 2, threads: 2, "--timeout", "0.1");
        int[] workers = [.. server.Workers];
        await ServingWorkerAsync(server);
        Array.ForEach(workers, worker => LinuxProcess.Send(worker, Signal.Stop));
        DarterServer other = await StartStuckAsync("wsgi", workers: 1, threads: 1);
        Assert.Equal(200, (await AskAsync(other, "/work?ms=500")).Status);
        Array.ForEach(workers, worker => LinuxProcess.Send(worker, Signal.Continue));

        Assert.Contains(await ServingWorkerAsync(server), workers);
        Assert.Equal(workers, server.Workers);
    }

    [Fact]
    public async Task Timeout_OfZero_IsNone()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 1, "--timeout", "0");
        Task<RawResponse> slow = AskAsync(server, $"/wait?port={gate.Port}");
        (await gate.ReachedAsync("waiting")).Release();
        Assert.Equal(200, (await slow).Status);
    }
}
