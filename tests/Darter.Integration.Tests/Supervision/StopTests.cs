using System.Net.Sockets;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Supervision;

/// <summary>How a server ends: in order when it is asked, and without a trace in any case.</summary>
public class StopTests(ServerPool pool) : ServerTest(pool)
{
    [Theory]
    [InlineData(Signal.Terminate)]
    [InlineData(Signal.Interrupt)]
    public async Task Signal_ToAnIdleServer_EndsItWithStatus0(Signal signal)
    {
        DarterServer server = await StartAsync(Options() with { Workers = 2 });
        Assert.Equal(200, (await AskAsync(server, "/pid")).Status);
        server.Send(signal);
        Assert.Equal(0, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        await Assert.ThrowsAnyAsync<SocketException>(() => server.Address.ConnectAsync(cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task CtrlC_ThatReachesTheWorkersToo_EndsWithStatus0AndWithoutATraceback()
    {
        // A terminal sends SIGINT to every process of the foreground.
        DarterServer server = await StartAsync(Options() with { Workers = 2 });
        foreach (int pid in server.Workers.Append(server.Pid).ToList())
        {
            LinuxProcess.Send(pid, Signal.Interrupt);
        }

        Assert.Equal(0, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        Assert.DoesNotContain("Traceback", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CtrlC_WhileTheApplicationLoads_EndsAtOnceWithoutAProcessLeft()
    {
        Gate gate = OpenGate();
        string path = Path.Combine(TemporaryFolder(), "app.py");
        await File.WriteAllTextAsync(path, $"import gate\ngate.wait({gate.Port}, 'loading')\n", TestContext.Current.CancellationToken);
        DarterServer server = Launch(new DarterServerOptions { Target = path });
        await gate.ReachedAsync("loading");
        server.Send(Signal.Interrupt);
        await server.WaitForExitAsync();
        await server.WaitForNoProcessAsync();
    }

    [Fact]
    public async Task Terminate_WhileARequestRuns_LetsItFinish()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(Options());
        Task<RawResponse> running = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        server.Send(Signal.Terminate);
        await WaitForNoListenerAsync(server);
        Assert.False(server.HasExited);

        arrival.Release();
        RawResponse response = await running;
        Assert.Equal((200, arrival.Text), (response.Status, response.Text));
        Assert.Equal(0, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
    }

    [Fact]
    public async Task Terminate_WhileAResponseStreams_LetsItFinish()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(Options());
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync($"GET /partial?port={gate.Port} HTTP/1.1\r\nHost: h\r\n\r\n");
        await connection.ReadHeadAsync();
        Assert.Equal("part"u8.ToArray(), await connection.ReadChunkAsync());
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        server.Send(Signal.Terminate);
        await WaitForNoListenerAsync(server);

        arrival.Release();
        Assert.Equal("rest"u8.ToArray(), await connection.ReadChunkAsync());
        Assert.Empty(await connection.ReadChunkAsync());
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task Terminate_WithIdleConnections_DoesNotWaitForThem()
    {
        DarterServer server = await StartAsync(Options() with { Arguments = ["--graceful-timeout", "300"] });
        await using RawConnection idle = await RawConnection.OpenAsync(server.Address);
        await idle.WriteAsync("GET /pid HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, (await idle.ReadResponseAsync()).Status);
        await using RawConnection silent = await RawConnection.OpenAsync(server.Address);
        Assert.Equal(0, await server.StopAsync());
        Assert.True(await idle.IsClosedAsync());
        Assert.True(await silent.IsClosedAsync());
    }

    [Fact]
    public async Task Terminate_WithARequestThatNeverEnds_EndsAfterTheGracefulTimeout()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(Options() with { Arguments = ["--graceful-timeout", "1"] });
        await using RawConnection stuck = await RawConnection.OpenAsync(server.Address);
        await stuck.WriteAsync($"GET /wait?port={gate.Port} HTTP/1.1\r\nHost: h\r\n\r\n");
        await gate.ReachedAsync("waiting");
        await server.StopAsync();
        await server.WaitForNoProcessAsync();
        byte[] answer = await stuck.ReadToEndAsync();
        Assert.DoesNotContain("200 OK", System.Text.Encoding.Latin1.GetString(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupt_Twice_DoesNotWait()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(Options());
        await using RawConnection stuck = await RawConnection.OpenAsync(server.Address);
        await stuck.WriteAsync($"GET /wait?port={gate.Port} HTTP/1.1\r\nHost: h\r\n\r\n");
        await gate.ReachedAsync("waiting");
        server.Send(Signal.Interrupt);
        await WaitForNoListenerAsync(server);
        server.Send(Signal.Interrupt);
        await server.WaitForExitAsync();
        await server.WaitForNoProcessAsync();
    }

    [Fact]
    public async Task Front_Killed_TakesItsWorkersWithIt()
    {
        DarterServer server = await StartAsync(Options() with { Workers = 3 });
        Assert.Equal(3, server.Workers.Count);
        server.Send(Signal.Kill);
        await server.WaitForExitAsync();
        await server.WaitForNoProcessAsync();
    }

    [Fact]
    public async Task Front_KilledWhileARequestRuns_TakesItsWorkersWithIt()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(Options() with { Threads = 2 });
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync($"GET /wait?port={gate.Port} HTTP/1.1\r\nHost: h\r\n\r\n");
        await gate.ReachedAsync("waiting");
        server.Send(Signal.Kill);
        await server.WaitForExitAsync();
        await server.WaitForNoProcessAsync();
    }

    private static DarterServerOptions Options() => new() { Target = App("crash") };

    private static Task<RawResponse> AskAsync(DarterServer server, string target) =>
        RawConnection.ExchangeAsync(server.Address, $"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");

    // Connections that are made during the drain are refused, or closed without an answer.
    private static Task WaitForNoListenerAsync(DarterServer server) =>
        Wait.Until(
            async () =>
            {
                try
                {
                    using Socket socket = await server.Address.ConnectAsync();
                    return await socket.ReceiveAsync(new byte[1]).WaitAsync(TimeSpan.FromMilliseconds(100)) == 0;
                }
                catch (SocketException)
                {
                    return true;
                }
                catch (TimeoutException)
                {
                    return false;
                }
            },
            () => "the server to take no more connections");
}
