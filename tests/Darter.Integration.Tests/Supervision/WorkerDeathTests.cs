using System.Net;
using System.Net.Sockets;
using System.Text;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Supervision;

/// <summary>What the death of a worker costs: the request that it ran, and nothing else.</summary>
public class WorkerDeathTests(ServerPool pool) : SupervisionTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Fact]
    public async Task WorkerKilled_WhileIdle_IsReplacedAndCostsNothing()
    {
        DarterServer server = await StartAsync(workers: 2);
        foreach (int worker in server.Workers)
        {
            LinuxProcess.Send(worker, Signal.Kill);
            for (int i = 0; i < 10; i++)
            {
                Assert.NotEqual(worker, await ServingWorkerAsync(server));
            }

            await WaitForWorkersWithoutAsync(server, worker);
            await server.Log.WaitForAsync($"(pid {worker}) ended: killed by SIGKILL");
            Assert.Equal(1, CountLines(server, $"(pid {worker})"));
        }
    }

    [Fact]
    public async Task Request_SentToAWorkerThatDiesBeforeItStarts_RunsInAnother()
    {
        DarterServer server = await StartAsync(workers: 1);
        int worker = Assert.Single(server.Workers);
        LinuxProcess.Send(worker, Signal.Stop);
        Task<RawResponse> get = AskAsync(server, "/");
        Task<RawResponse> post = RawConnection.ExchangeAsync(server.Address, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", "POST");
        await using RawConnection third = await RawConnection.OpenAsync(server.Address);
        await third.WriteAsync(Get("/"));

        LinuxProcess.Send(worker, Signal.Kill);

        foreach (RawResponse response in (RawResponse[])[await get, await post, await third.ReadResponseAsync()])
        {
            Assert.Equal(200, response.Status);
            Assert.NotEqual(worker, Pid(response.Text));
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task WorkerKilled_WhileExecuting_CostsThatRequestOnly(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 2);
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        Task<HttpResponseMessage> lost = client.GetAsync($"/wait?port={gate.Port}", Cancellation);
        int worker = Pid((await gate.ReachedAsync("waiting")).Text);
        Task<HttpResponseMessage>[] others = [.. Enumerable.Range(0, 40).Select(_ => client.GetAsync("/", Cancellation))];
        LinuxProcess.Send(worker, Signal.Kill);
        Task<HttpResponseMessage>[] more = [.. Enumerable.Range(0, 40).Select(_ => client.GetAsync("/", Cancellation))];

        Assert.Equal(HttpStatusCode.BadGateway, (await lost).StatusCode);
        Assert.StartsWith("text/plain", (await lost).Content.Headers.ContentType?.ToString(), StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(others), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.All(await Task.WhenAll(more), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        await WaitForWorkersWithoutAsync(server, worker);
        Assert.Equal(1, CountLines(server, $"GET /wait?port={gate.Port}: answered 502"));
        Assert.Equal(1, CountLines(server, "answered"));
    }

    [Fact]
    public async Task WorkerKilled_WhileOthersWait_LetsTheNextWorkerServeThem()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 1);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get($"/wait?port={gate.Port}"));
        int worker = Pid((await gate.ReachedAsync("waiting")).Text);
        Task<RawResponse>[] waiting = [.. Enumerable.Range(0, 20).Select(_ => AskAsync(server, "/"))];

        LinuxProcess.Send(worker, Signal.Kill);

        Assert.Equal(502, (await connection.ReadResponseAsync()).Status);
        foreach (RawResponse response in await Task.WhenAll(waiting))
        {
            Assert.Equal(200, response.Status);
            Assert.NotEqual(worker, Pid(response.Text));
        }

        await connection.WriteAsync(Get("/"));
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task WorkerKilled_WithAllItsThreadsExecuting_CostsTheirRequestsOnly()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 1, threads: 3);
        Task<RawResponse>[] lost = [.. Enumerable.Range(0, 3).Select(_ => AskAsync(server, $"/wait?port={gate.Port}"))];
        int worker = 0;
        foreach (Task<RawResponse> _ in lost)
        {
            worker = Pid((await gate.ReachedAsync("waiting")).Text);
        }

        Task<RawResponse>[] waiting = [.. Enumerable.Range(0, 5).Select(_ => AskAsync(server, "/"))];
        LinuxProcess.Send(worker, Signal.Kill);
        Assert.All(await Task.WhenAll(lost), response => Assert.Equal(502, response.Status));
        Assert.All(await Task.WhenAll(waiting), response => Assert.Equal(200, response.Status));
    }

    [Theory]
    [InlineData("/exit?status=0", "exit status 0")]
    [InlineData("/exit?status=7", "exit status 7")]
    [InlineData("/abort", "killed by SIGABRT")]
    [InlineData("/segfault", "killed by SIGSEGV: a crash in native code")]
    public async Task View_ThatEndsItsProcess_IsAnswered502(string target, string status)
    {
        DarterServer server = await StartAsync(workers: 1);
        int worker = Assert.Single(server.Workers);
        Assert.Equal(502, (await AskAsync(server, target)).Status);
        Assert.NotEqual(worker, await ServingWorkerAsync(server));
        await server.Log.WaitForAsync($"(pid {worker}) ended: {status}");
        await server.Log.WaitForAsync($"GET {target}: answered 502, since the worker died while it ran the request");
        await WaitForWorkersWithoutAsync(server, worker);
    }

    [Fact]
    public async Task Views_ThatEndTheirProcessOneAfterAnother_CostThemselvesOnly()
    {
        DarterServer server = await StartAsync(workers: 2);
        for (int i = 0; i < 4; i++)
        {
            Task<RawResponse> lost = AskAsync(server, "/exit?status=1");
            await ServingWorkerAsync(server);
            Assert.Equal(502, (await lost).Status);
        }

        await WaitForWorkersWithoutAsync(server);
    }

    [Fact]
    public async Task WorkerKilled_WhileItReadsABody_IsAnswered502()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 1);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);

        // More than the front keeps, so that the worker has to begin with what is there.
        await connection.WriteAsync($"POST /read?port={gate.Port} HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n");
        await connection.WriteAsync(new byte[5_000_000]);
        LinuxProcess.Send(Pid((await gate.ReachedAsync("reading")).Text), Signal.Kill);

        Assert.Equal(502, (await connection.ReadResponseAsync("POST")).Status);
        await ServingWorkerAsync(server);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&length=8")]
    public async Task WorkerKilled_WhileItStreams_BreaksTheResponseOff(string length)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 1);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        string target = $"/partial?port={gate.Port}{length}";
        await connection.WriteAsync(Get(target));
        RawResponse head = await connection.ReadHeadAsync();
        Assert.Equal(200, head.Status);
        Assert.Equal("part", Encoding.ASCII.GetString(length.Length > 0 ? await connection.ReadBytesAsync(4) : await connection.ReadChunkAsync()));

        LinuxProcess.Send(Pid((await gate.ReachedAsync("waiting")).Text), Signal.Kill);

        Assert.Empty(await connection.ReadToEndAsync());
        await server.Log.WaitForAsync($"GET {target}: the response is broken off, since the worker died");
        await ServingWorkerAsync(server);
    }

    [Fact]
    public async Task WorkerKilled_WhileItStreamsToAClientOfHttp10_ResetsTheConnection()
    {
        // The end of the connection is the end of the body: only a reset tells that this is not all of it.
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 1);
        using Socket socket = await server.Address.ConnectAsync(cancellation: Cancellation);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /partial?port={gate.Port} HTTP/1.0\r\n\r\n"), Cancellation);
        var buffer = new byte[4096];
        string received = "";
        while (!received.EndsWith("\r\n\r\npart", StringComparison.Ordinal))
        {
            int count = await Wait.For(socket.ReceiveAsync(buffer, Cancellation).AsTask(), "the first piece");
            Assert.NotEqual(0, count);
            received += Encoding.ASCII.GetString(buffer, 0, count);
        }

        LinuxProcess.Send(Pid((await gate.ReachedAsync("waiting")).Text), Signal.Kill);

        var error = await Assert.ThrowsAsync<SocketException>(
            () => Wait.For(socket.ReceiveAsync(buffer, Cancellation).AsTask(), "the end of the connection"));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Fact]
    public async Task WorkerKilled_WhileItStreamsOverHttp2_ResetsThatStreamOnly()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(workers: 2);
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http2);
        using HttpRequestMessage request = new(HttpMethod.Get, $"/partial?port={gate.Port}") { Version = HttpVersion.Version20 };
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        await body.ReadExactlyAsync(new byte[4], Cancellation);
        Gate.Arrival lost = await gate.ReachedAsync("waiting");
        Task<string> other = client.GetStringAsync($"/wait?port={gate.Port}", Cancellation);
        Gate.Arrival waiting = await gate.ReachedAsync("waiting");

        LinuxProcess.Send(Pid(lost.Text), Signal.Kill);

        await Assert.ThrowsAnyAsync<IOException>(async () => await body.ReadExactlyAsync(new byte[4], Cancellation));
        waiting.Release();
        Assert.Equal(waiting.Text, await other);
    }

    [Fact]
    public async Task Workers_AllKilledAtOnce_AreAllReplaced()
    {
        DarterServer server = await StartAsync(workers: 3);
        int[] workers = [.. server.Workers];
        Assert.Equal(3, workers.Length);
        Array.ForEach(workers, worker => LinuxProcess.Send(worker, Signal.Kill));
        await ServingWorkerAsync(server);
        await WaitForWorkersWithoutAsync(server, workers);
        Assert.Equal(6, CountLines(server, "Booting worker"));
        foreach (int number in (int[])[1, 2, 3])
        {
            Assert.Equal(2, CountLines(server, $"Booting worker {number} "));
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
