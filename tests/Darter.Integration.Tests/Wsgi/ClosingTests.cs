namespace Darter.Integration.Tests.Wsgi;

/// <summary>close() of a response's iterable is called exactly once, however the response ends.</summary>
public class ClosingTests(ServerPool pool) : ServerTest(pool)
{
    private static readonly string[] Complete =
        ["/plain", "/sized", "/length", "/short", "/no-content", "/not-modified", "/failing", "/failing-at-once", "/not-started", "/text", "/close-fails"];

    private static readonly string[] Endless = ["/endless", "/endless-generator"];

    public static MatrixTheoryData<string, HttpProtocol> PythonsAndProtocols => Rows.OfPythonsAndProtocols;

    public static MatrixTheoryData<string, HttpProtocol, string, string> PythonsProtocolsMethodsAndPaths =>
        new(Rows.Pythons, Rows.Protocols, ["GET", "HEAD"], Complete);

    public static MatrixTheoryData<string, HttpProtocol, string> PythonsProtocolsAndEndless => new(Rows.Pythons, Rows.Protocols, Endless);

    [Theory]
    [MemberData(nameof(PythonsProtocolsMethodsAndPaths))]
    public async Task Close_AfterAResponse_IsCalledOnce(string python, HttpProtocol protocol, string method, string path)
    {
        Gate gate = OpenGate();
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "closing");
        try
        {
            using HttpResponseMessage response = await client.SendAsync(new HttpMethod(method), $"{path}?port={gate.Port}");
            await response.Content.ReadAsByteArrayAsync(Cancellation);
        }
        catch (HttpRequestException)
        {
            // Some of them break off.
        }

        Assert.Equal("1", (await gate.ReachedAsync("closed")).Text);

        // The one thread of the worker has left that response behind once it answers the next request.
        await client.GetTextAsync($"/plain?port={gate.Port}");
        Assert.Equal("1", (await gate.ReachedAsync("closed")).Text);
        Assert.False(gate.IsReached("closed"));
    }

    [Theory]
    [MemberData(nameof(PythonsProtocolsAndEndless))]
    public async Task Close_WhenTheClientLeaves_IsCalledOnce(string python, HttpProtocol protocol, string path)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareCoreAsync(python);
        using (var client = new CoreClient(server, protocol, "closing"))
        {
            using HttpResponseMessage response = await client.GetAsync($"{path}?port={gate.Port}");
            Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
            await body.ReadExactlyAsync(new byte[100_000], Cancellation);
        }

        Assert.Equal("1", (await gate.ReachedAsync("closed")).Text);
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Close_WhenTheClientLeavesBetweenPieces_IsCalledOnce(string python, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareCoreAsync(python);
        Gate.Arrival between;
        using (var client = new CoreClient(server, protocol, "closing"))
        {
            using HttpResponseMessage response = await client.GetAsync($"/stepwise?port={gate.Port}");
            Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
            await body.ReadExactlyAsync(new byte["first".Length], Cancellation);
            between = await gate.ReachedAsync("between");
        }

        between.Release();
        Assert.Equal("1", (await gate.ReachedAsync("closed")).Text);
    }

    [Fact]
    public async Task Close_WhenTheConnectionIsReset_IsCalledOnce()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareCoreAsync();
        RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync($"GET /endless?port={gate.Port} HTTP/1.1\r\nHost: h\r\nX-Behaviour: closing\r\n\r\n");
        await connection.ReadHeadAsync();
        connection.Abort();
        Assert.Equal("1", (await gate.ReachedAsync("closed")).Text);
    }

    [Fact]
    public async Task Close_ThatFails_LeavesTheResponseWholeAndIsLogged()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareCoreAsync();
        int mark = server.Log.Count;
        RawResponse response = await RawConnection.ExchangeAsync(
            server.Address, $"GET /close-fails?port={gate.Port} HTTP/1.1\r\nHost: h\r\nX-Behaviour: closing\r\n\r\n");
        Assert.Equal("onetwo", response.Text);
        await server.Log.WaitForAsync("RuntimeError: close failed", mark);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
