namespace Darter.Integration.Tests.Wsgi;

/// <summary>What one request does to the others: as little as possible.</summary>
public class ThreadTests(ServerPool pool) : ServerTest(pool)
{
    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task SlowView_WithTwoThreads_DoesNotHoldOthers(string python)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync(
            new DarterServerOptions { Target = App("threads"), Threads = 2, Python = PythonInterpreters.Get(python) });
        Task<RawResponse> slow = AskAsync(server, $"/slow?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("slow");
        for (int i = 0; i < 50; i++)
        {
            Assert.StartsWith("/fast", (await AskAsync(server, "/fast")).Text, StringComparison.Ordinal);
        }

        Assert.False(slow.IsCompleted);
        arrival.Release();
        Assert.StartsWith("/slow", (await slow).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SlowView_WithTwoWorkers_DoesNotHoldOthers()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("threads"), Workers = 2, Threads = 1 });
        Task<RawResponse> slow = AskAsync(server, $"/slow?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("slow");
        for (int i = 0; i < 50; i++)
        {
            Assert.StartsWith("/fast", (await AskAsync(server, "/fast")).Text, StringComparison.Ordinal);
        }

        arrival.Release();
        Assert.StartsWith("/slow", (await slow).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SlowViews_AsManyAsThereAreThreads_RunAtTheSameTime()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("threads"), Workers = 2, Threads = 3 });
        Task<RawResponse>[] slow = [.. Enumerable.Range(0, 6).Select(_ => AskAsync(server, $"/slow?port={gate.Port}"))];
        var arrivals = new List<Gate.Arrival>();
        for (int i = 0; i < slow.Length; i++)
        {
            arrivals.Add(await gate.ReachedAsync("slow"));
        }

        // One more has to wait in the front, and is served as soon as a thread is free.
        Task<RawResponse> waiting = AskAsync(server, "/fast");
        arrivals.ForEach(arrival => arrival.Release());
        Assert.Equal(6, (await Task.WhenAll(slow)).Select(response => response.Text).Distinct().Count());
        Assert.StartsWith("/fast", (await waiting).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequestsSentAhead_OfASlowOne_AreTakenOverByAFreeWorker()
    {
        // Fast requests teach the front to send ahead; then a slow one blocks one of the two workers while others are behind it.
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("threads"), Workers = 2, Threads = 1 });
        for (int round = 0; round < 5; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AskAsync(server, "/fast")));
            Task<RawResponse> slow = AskAsync(server, $"/slow?port={gate.Port}");
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AskAsync(server, "/fast")));
            (await gate.ReachedAsync("slow")).Release();
            await slow;
        }
    }

    [Fact]
    public async Task SlowClients_WithOneThread_DoNotHoldIt()
    {
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("threads"), Threads = 1 });
        var slow = new List<RawConnection>();
        try
        {
            foreach (string beginning in (string[])
                ["", "G", "GET / HTTP/1.1\r\nHost:", "POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n", "POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345"])
            {
                RawConnection connection = await RawConnection.OpenAsync(server.Address);
                slow.Add(connection);
                await connection.WriteAsync(beginning);
            }

            for (int i = 0; i < 20; i++)
            {
                Assert.StartsWith("/fast", (await AskAsync(server, "/fast")).Text, StringComparison.Ordinal);
            }

            await slow[^1].WriteAsync("67890");
            Assert.StartsWith("/up", (await slow[^1].ReadResponseAsync()).Text, StringComparison.Ordinal);
        }
        finally
        {
            foreach (RawConnection connection in slow)
            {
                await connection.DisposeAsync();
            }
        }
    }

    private static Task<RawResponse> AskAsync(DarterServer server, string target) =>
        RawConnection.ExchangeAsync(server.Address, $"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
}
