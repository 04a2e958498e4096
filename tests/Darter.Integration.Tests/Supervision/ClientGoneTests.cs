using Darter.Testing.Http2;

namespace Darter.Integration.Tests.Supervision;

/// <summary>Clients that leave: while their request waits, and while a WSGI application runs it.</summary>
public class ClientGoneTests(ServerPool pool) : FaultTest(pool)
{
    /// <summary>Interface, and how the client leaves.</summary>
    public static MatrixTheoryData<string, string> Leavings => new(["wsgi", "asgi"], ["closes", "resets", "http2 closes", "http2 resets the stream"]);

    [Theory]
    [MemberData(nameof(Leavings))]
    public async Task Client_ThatLeavesWhileItsRequestWaits_IsForgotten(string kind, string how)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync(kind, workers: 1, threads: 1, "--access-logfile", "-", "--access-logformat", "%(s)s %(U)s");
        Task<RawResponse> running = AskAsync(server, $"/{(kind == "asgi" ? "blockgate" : "wait")}?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");

        // An event loop is sent a few ahead, which are taken back.
        for (int i = 0; i < 8; i++)
        {
            await LeaveAsync(server, $"/gone/{i}", how);
        }

        // That a client has left is told on another thread than the loop's, and may come late.
        for (int i = 0; i < 8; i++)
        {
            await server.Output.WaitForAsync($"499 /gone/{i}");
        }

        // They were all heard of before this one, which waits too.
        Task<RawResponse> last = AskAsync(server, "/last");
        arrival.Release();
        Assert.Equal(200, (await running).Status);
        Assert.Equal(200, (await last).Status);
        string[] started = await StartedAsync(server);
        Assert.Contains(started, target => target.StartsWith("/last", StringComparison.Ordinal));
        Assert.DoesNotContain(started, target => target.Contains("/gone/", StringComparison.Ordinal));
        Assert.DoesNotContain("[ERROR]", server.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("closes")]
    [InlineData("resets")]
    [InlineData("http2 closes")]
    [InlineData("http2 resets the stream")]
    public async Task WsgiApplication_CanAskWhetherItsClientIsGone(string how)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 1);
        await LeaveAsync(server, $"/watch?port={gate.Port}", how, async () => Assert.Equal("False", (await gate.ReachedAsync("waiting")).Text));

        await gate.ReachedAsync("gone");
        await ServingWorkerAsync(server);
    }

    [Fact]
    public async Task WsgiApplication_WhoseClientStays_IsToldSo()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 1);
        Task<RawResponse> response = AskAsync(server, $"/after?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        Assert.Equal("False", arrival.Text);
        arrival.Release();
        Assert.Equal("False", (await response).Text);
    }

    [Fact]
    public async Task WsgiApplication_WhoseClientOnlyEndedItsSide_IsToldThatItIsGoneAndHeard()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 1);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get($"/after?port={gate.Port}"));
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        connection.ShutdownSend();

        // Another request of the same loop: the end was seen before it.
        Task<RawResponse> next = AskAsync(server, "/");
        await using RawConnection probe = await RawConnection.OpenAsync(server.Address);
        await probe.WriteAsync("bad\r\n\r\n");
        Assert.Equal(400, (await probe.ReadResponseAsync()).Status);
        arrival.Release();
        Assert.Equal("True", (await connection.ReadResponseAsync()).Text);
        Assert.Equal(200, (await next).Status);
    }

    [Fact]
    public async Task WsgiApplication_WhoseClientLeavesAmidALongUpload_IsToldSo()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 1);
        RawConnection connection = await RawConnection.OpenAsync(server.Address);

        // More than the front collects: the worker gets the request before its body is there.
        await connection.WriteAsync($"POST /upload?port={gate.Port} HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
        await connection.WriteAsync(new string('x', 1_200_000));
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        Assert.Equal("False", arrival.Text);
        connection.Abort();
        await using RawConnection probe = await RawConnection.OpenAsync(server.Address);
        await probe.WriteAsync("bad\r\n\r\n");
        Assert.Equal(400, (await probe.ReadResponseAsync()).Status);
        arrival.Release();

        Assert.Equal("True", (await gate.ReachedAsync("then")).Text);
        await ServingWorkerAsync(server);
    }

    private static async Task LeaveAsync(DarterServer server, string target, string how, Func<Task>? before = null)
    {
        if (!how.StartsWith("http2", StringComparison.Ordinal))
        {
            RawConnection connection = await RawConnection.OpenAsync(server.Address);
            await connection.WriteAsync(Get(target));
            await ArriveAsync(server, before);
            if (how == "resets")
            {
                connection.Abort();
            }
            else if (before is null)
            {
                // To the server it is the same, and the server hangs up when it has understood.
                connection.ShutdownSend();
                Assert.True(await connection.IsClosedAsync());
            }

            await connection.DisposeAsync();
        }
        else
        {
            RawHttp2Connection connection = await RawHttp2Connection.OpenAsync(server.Address);
            await connection.WriteHeadersAsync(1, RawHttp2Connection.Request("GET", target));
            await ArriveAsync(server, before);
            if (how.EndsWith("stream", StringComparison.Ordinal))
            {
                await connection.WriteAsync(new Http2Frame(Http2FrameType.ResetStream, 0, 1, [0, 0, 0, 8]));
                await ArriveAsync(server, null);
            }

            await connection.DisposeAsync();
        }

        await ArriveAsync(server, null);
    }

    /// <summary>Waits until the front has read what was sent before: it answers a later request itself.</summary>
    private static async Task ArriveAsync(DarterServer server, Func<Task>? instead)
    {
        if (instead is not null)
        {
            await instead();
            return;
        }

        await using RawConnection probe = await RawConnection.OpenAsync(server.Address);
        await probe.WriteAsync("bad\r\n\r\n");
        Assert.Equal(400, (await probe.ReadResponseAsync()).Status);
    }
}
