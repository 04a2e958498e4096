using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Supervision;

/// <summary>--retry-idempotent: what may be run once more when a worker dies, and what may not.</summary>
public class RetryTests(ServerPool pool) : FaultTest(pool)
{
    public static MatrixTheoryData<string, HttpProtocol> KindsAndProtocols => new(["wsgi", "asgi"], Rows.Protocols);

    [Theory]
    [MemberData(nameof(KindsAndProtocols))]
    public async Task Get_WhoseWorkerIsKilled_IsRunOnceMore(string kind, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync(kind, workers: 2, threads: 1, "--retry-idempotent");
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        Task<HttpResponseMessage> response = client.GetAsync($"/wait?port={gate.Port}", Cancellation);
        int first = Pid((await gate.ReachedAsync("waiting")).Text);
        LinuxProcess.Send(first, Signal.Kill);
        Gate.Arrival again = await gate.ReachedAsync("waiting");
        Assert.NotEqual(first, Pid(again.Text));
        again.Release();

        Assert.Equal(200, (int)(await response).StatusCode);
        Assert.Equal(again.Text, await (await response).Content.ReadAsStringAsync(Cancellation));
        string repeated = $"GET /wait?port={gate.Port}: is run once more, since the worker died";
        await server.Log.WaitForAsync(repeated);
        Assert.Equal(1, CountLines(server, repeated));
        Assert.Equal(0, CountLines(server, "answered 502"));
    }

    [Theory]
    [InlineData("wsgi")]
    [InlineData("asgi")]
    public async Task Get_ThatKillsEveryWorker_IsRunTwiceAndThenAnswered502(string kind)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync(kind, workers: 2, threads: 1, "--retry-idempotent");
        Assert.Equal(502, (await AskAsync(server, $"/die?port={gate.Port}")).Status);
        Gate.Arrival[] deaths = [await gate.ReachedAsync("dying"), await gate.ReachedAsync("dying")];
        Assert.NotEqual(deaths[0].Text, deaths[1].Text);

        Assert.Equal(200, (await AskAsync(server, "/")).Status);
        Assert.False(gate.IsReached("dying"));
    }

    [Fact]
    public async Task Head_WhoseWorkerDies_IsRunOnceMore()
    {
        Gate gate = OpenGate();
        string once = Path.Combine(TemporaryFolder(), "once");
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 1, "--retry-idempotent");
        RawResponse response = await RawConnection.ExchangeAsync(
            server.Address, $"HEAD /die?port={gate.Port}&once={once} HTTP/1.1\r\nHost: h\r\n\r\n", "HEAD");

        Assert.Equal(200, response.Status);
        await gate.ReachedAsync("dying");
    }

    [Theory]
    [InlineData("POST", "")]
    [InlineData("PUT", "Content-Length: 4\r\n\r\nbody")]
    [InlineData("GET", "Content-Length: 4\r\n\r\nbody")]
    [InlineData("DELETE", "")]
    [InlineData("OPTIONS", "")]
    public async Task Request_ThatIsNotSafelyRepeated_IsAnswered502(string method, string rest)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync("wsgi", workers: 2, threads: 1, "--retry-idempotent");
        string end = rest.Length > 0 ? rest : "\r\n";
        RawResponse response = await RawConnection.ExchangeAsync(server.Address, $"{method} /die?port={gate.Port} HTTP/1.1\r\nHost: h\r\n{end}", method);

        Assert.Equal(502, response.Status);
        await gate.ReachedAsync("dying");
        Assert.Equal(200, (await AskAsync(server, "/")).Status);
        Assert.False(gate.IsReached("dying"));
        Assert.Equal(0, CountLines(server, "is run once more"));
    }

    [Fact]
    public async Task Get_WithoutTheOption_IsAnswered502()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartStuckAsync("wsgi", workers: 2, threads: 1);
        Assert.Equal(502, (await AskAsync(server, $"/die?port={gate.Port}")).Status);
        await gate.ReachedAsync("dying");
        Assert.Equal(200, (await AskAsync(server, "/")).Status);
        Assert.False(gate.IsReached("dying"));
    }

    [Fact]
    public async Task Get_ThatTookTooLong_IsNotRunOnceMore()
    {
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 1, "--retry-idempotent", "--timeout", "0.5");
        Assert.Equal(504, (await AskAsync(server, "/spin")).Status);
        await ServingWorkerAsync(server);
        Assert.DoesNotContain("/spin", await StartedAsync(server));
    }

    [Fact]
    public async Task Get_WhoseAnswerHasBegun_IsBrokenOff()
    {
        DarterServer server = await StartStuckAsync("wsgi", workers: 1, threads: 1, "--retry-idempotent");
        int worker = Assert.Single(server.Workers);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get("/partial"));
        await connection.ReadHeadAsync();
        await connection.ReadChunkAsync();
        LinuxProcess.Send(worker, Signal.Kill);

        Assert.Empty(await connection.ReadToEndAsync());
        await ServingWorkerAsync(server);
        Assert.DoesNotContain("/partial", await StartedAsync(server));
    }
}
