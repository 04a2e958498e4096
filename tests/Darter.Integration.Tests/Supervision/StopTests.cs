using System.Net.Sockets;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Supervision;

/// <summary>How a server ends when it is asked to: in order, or at once, but always with status 0 and as a whole.</summary>
public class StopTests(ServerPool pool) : SupervisionTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [InlineData(Signal.Terminate)]
    [InlineData(Signal.Interrupt)]
    [InlineData(Signal.Quit)]
    public async Task Signal_WithIdleConnectionsOnly_EndsTheServer(Signal signal)
    {
        DarterServer server = await StartAsync(workers: 2, threads: 2, arguments: ["--graceful-timeout", "1000", "--request-header-timeout", "1000"]);
        ServerAddress address = server.Address;
        await using RawConnection silent = await RawConnection.OpenAsync(address);
        using HttpClient client = ServerClient.Create(address, HttpProtocol.Http2);
        await client.GetStringAsync("/", TestContext.Current.CancellationToken);
        await using RawConnection kept = await RawConnection.OpenAsync(address);
        await kept.WriteAsync(Get("/"));
        Assert.Equal(200, (await kept.ReadResponseAsync()).Status);

        server.Send(signal);

        await AssertEndsAsync(server);
        Assert.True(await silent.IsClosedAsync());
        Assert.True(await kept.IsClosedAsync());
        await WaitForRefusalAsync(address);
    }

    [Theory]
    [InlineData("GE")]
    [InlineData("GET / HTTP/1.1\r\nHost:")]
    public async Task Sigterm_WithARequestBegun_AnswersIt(string beginning)
    {
        DarterServer server = await StartAsync(workers: 1, arguments: ["--graceful-timeout", "1000", "--request-header-timeout", "1000"]);
        await using RawConnection begun = await RawConnection.OpenAsync(server.Address);
        await begun.WriteAsync(beginning);
        await using RawConnection kept = await RawConnection.OpenAsync(server.Address);
        await kept.WriteAsync(Get("/"));
        Assert.Equal(200, (await kept.ReadResponseAsync()).Status);

        server.Send(Signal.Terminate);
        await WaitForRefusalAsync(server.Address);
        Assert.True(await kept.IsClosedAsync());
        await begun.WriteAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n"[beginning.Length..]);

        RawResponse response = await begun.ReadResponseAsync();
        Assert.Equal(200, response.Status);
        Assert.True(response.IsLast);
        await AssertEndsAsync(server);
    }

    [Fact]
    public async Task Sigterm_WithARequestThatIsNeverSentWhole_EndsAtTheGracefulTimeout()
    {
        DarterServer server = await StartAsync(workers: 1, arguments: ["--graceful-timeout", "1", "--request-header-timeout", "1000"]);
        await using RawConnection begun = await RawConnection.OpenAsync(server.Address);
        await begun.WriteAsync("GET / HTTP/1.1\r\nHost:");

        server.Send(Signal.Terminate);

        await AssertEndsAsync(server);
    }

    [Fact]
    public async Task Sigterm_WithRequestsAtHand_FinishesThem()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 1);
        ServerAddress address = server.Address;
        await using RawConnection kept = await RawConnection.OpenAsync(address);
        await kept.WriteAsync(Get("/"));
        await kept.ReadResponseAsync();
        (Task<RawResponse> running, Gate.Arrival arrival, int worker) = await HoldAsync(server, gate);

        // The interim response tells that the server has this one, too, although no worker is free.
        await using RawConnection waiting = await RawConnection.OpenAsync(address);
        await waiting.WriteAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await waiting.ReadHeadAsync()).Status);

        server.Send(Signal.Terminate);
        await WaitForRefusalAsync(address);
        Assert.True(await kept.IsClosedAsync());
        Assert.False(running.IsCompleted);
        await waiting.WriteAsync("body");
        arrival.Release();

        Assert.Equal($"{worker}", (await running).Text);
        RawResponse last = await waiting.ReadResponseAsync("POST");
        Assert.Equal($"{worker}", last.Text);
        Assert.True(last.IsLast);
        await AssertEndsAsync(server);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Sigterm_DuringAResponse_SendsAllOfIt(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 1);
        ServerAddress address = server.Address;
        using HttpClient client = ServerClient.Create(address, protocol);
        Task<string> response = client.GetStringAsync($"/partial?port={gate.Port}", TestContext.Current.CancellationToken);
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");

        server.Send(Signal.Terminate);
        await WaitForRefusalAsync(address);
        arrival.Release();

        Assert.Equal("partrest", await response);
        await AssertEndsAsync(server);
    }

    [Fact]
    public async Task Sigterm_ToEveryProcess_FinishesRequestsToo()
    {
        // What systemd does by default.
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 2);
        (Task<RawResponse> first, Gate.Arrival firstArrival, _) = await HoldAsync(server, gate);
        (Task<RawResponse> second, Gate.Arrival secondArrival, _) = await HoldAsync(server, gate);
        foreach (int pid in server.Processes)
        {
            LinuxProcess.Send(pid, Signal.Terminate);
        }

        firstArrival.Release();
        secondArrival.Release();
        Assert.Equal(firstArrival.Text, (await first).Text);
        Assert.Equal(secondArrival.Text, (await second).Text);
        await AssertEndsAsync(server);
    }

    [Fact]
    public async Task SecondSigterm_WithARequestAtHand_BreaksItOff()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 1);
        ServerAddress address = server.Address;
        await using RawConnection connection = await RawConnection.OpenAsync(address);
        await connection.WriteAsync(Get($"/sleep?port={gate.Port}"));
        await gate.ReachedAsync("sleeping");
        server.Send(Signal.Terminate);
        await WaitForRefusalAsync(address);
        Assert.False(server.HasExited);

        server.Send(Signal.Terminate);

        Assert.Empty(await connection.ReadToEndAsync());
        await AssertEndsAsync(server);
    }

    [Fact]
    public async Task SecondSigterm_WithAWorkerThatDoesNotGo_KillsIt()
    {
        string folder = TemporaryFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder, "shop.py"),
            """
            import threading

            def application(environ, start_response):
                start_response("200 OK", [])
                return []

            threading.Thread(target=threading.Event().wait).start()
            """,
            TestContext.Current.CancellationToken);
        DarterServer server = await StartAsync(workers: 1, target: Path.Combine(folder, "shop.py"));
        int worker = Assert.Single(server.Workers);
        server.Send(Signal.Terminate);
        await WaitForRefusalAsync(server.Address);
        Assert.False(server.HasExited);

        server.Send(Signal.Terminate);

        await AssertEndsAsync(server);
        Assert.Equal(1, CountLines(server, $"(pid {worker}) did not end in time and is killed"));
    }

    [Theory]
    [InlineData(Signal.Interrupt, "sleep")]
    [InlineData(Signal.Interrupt, "spin")]
    [InlineData(Signal.Quit, "sleep")]
    public async Task QuickSignal_WithARequestAtHand_BreaksItOff(Signal signal, string view)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 2);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get($"/{view}?port={gate.Port}"));
        await gate.ReachedAsync(view == "sleep" ? "sleeping" : "spinning");

        server.Send(signal);

        Assert.Empty(await connection.ReadToEndAsync());
        await AssertEndsAsync(server);
    }

    [Fact]
    public async Task Sigint_ToEveryProcess_EndsWithoutATraceback()
    {
        // Ctrl-C in a terminal.
        DarterServer server = await StartAsync(workers: 2, threads: 2);
        foreach (int pid in server.Processes.OrderDescending())
        {
            LinuxProcess.Send(pid, Signal.Interrupt);
        }

        await AssertEndsAsync(server);
        Assert.DoesNotContain("Traceback", server.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("[ERROR]", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GracefulTimeout_Over_BreaksRequestsOff()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 1, arguments: ["--graceful-timeout", "0.1"]);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get($"/sleep?port={gate.Port}"));
        int worker = Pid((await gate.ReachedAsync("sleeping")).Text);

        server.Send(Signal.Terminate);

        Assert.Empty(await connection.ReadToEndAsync());
        await AssertEndsAsync(server);
        Assert.Equal(1, CountLines(server, $"(pid {worker}) did not end in time and is killed"));
    }

    private static Task WaitForRefusalAsync(ServerAddress address) =>
        Wait.Until(
            async () =>
            {
                try
                {
                    (await address.ConnectAsync()).Dispose();
                    return false;
                }
                catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
                {
                    return true;
                }
                catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
                {
                    // It was in the kernel's queue when the server closed that.
                    return false;
                }
            },
            () => "new connections to be refused");

    private static async Task AssertEndsAsync(DarterServer server)
    {
        Assert.Equal(0, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        Assert.Equal(1, CountLines(server, "Handling signal: "));
        Assert.Contains("Stopped", server.Log.Lines()[^1], StringComparison.Ordinal);
    }
}
