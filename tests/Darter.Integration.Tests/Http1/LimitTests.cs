namespace Darter.Integration.Tests.Http1;

/// <summary>What is too large or too slow is refused with the status that says so.</summary>
public class LimitTests(ServerPool pool) : ServerTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [InlineData(0, 200)]
    [InlineData(-1, 200)]
    [InlineData(1, 414)]
    [InlineData(100, 414)]
    [InlineData(100_000, 414)]
    public async Task RequestLine_AroundItsLimit_IsServedOrRefused(int beyond, int status)
    {
        // "GET " and " HTTP/1.1" belong to the line.
        string target = "/" + new string('a', 300 + beyond - "GET / HTTP/1.1\r\n".Length);
        await AssertStatusAsync($"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n", status);
    }

    [Theory]
    [InlineData(10, 200)]
    [InlineData(11, 431)]
    [InlineData(500, 431)]
    public async Task Fields_AroundTheirLimit_AreServedOrRefused(int count, int status) =>
        await AssertStatusAsync($"GET / HTTP/1.1\r\nHost: h\r\n{string.Concat(Enumerable.Range(2, count - 1).Select(i => $"X-{i}: b\r\n"))}\r\n", status);

    [Theory]
    [InlineData(150, 200)]
    [InlineData(400, 431)]
    [InlineData(100_000, 431)]
    public async Task FieldSize_AroundItsLimit_IsServedOrRefused(int size, int status) =>
        await AssertStatusAsync($"GET / HTTP/1.1\r\nHost: h\r\nX-A: {new string('b', size)}\r\n\r\n", status);

    [Theory]
    [InlineData(1000, 200)]
    [InlineData(1001, 413)]
    [InlineData(100_000, 413)]
    public async Task Body_AroundItsLimit_IsServedOrRefused(int size, int status) =>
        await AssertStatusAsync($"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n{new string('b', size)}", status);

    // Whether the framing of the chunks counts is up to the server.
    [Theory]
    [InlineData(950, 200)]
    [InlineData(1001, 413)]
    [InlineData(100_000, 413)]
    public async Task ChunkedBody_AroundItsLimit_IsServedOrRefused(int size, int status) =>
        await AssertStatusAsync($"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n{new string('b', size)}\r\n0\r\n\r\n", status);

    [Fact]
    public async Task Body_DeclaredTooLarge_IsRefusedBeforeItComes()
    {
        DarterServer server = await StartLimitedAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
        RawResponse response = await connection.ReadResponseAsync("POST");
        Assert.Equal(413, response.Status);
        Assert.Empty(response.Interim);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Body_BeyondItsLimit_Is413InEveryProtocol(HttpProtocol protocol)
    {
        using HttpClient client = ServerClient.Create((await StartLimitedAsync()).Address, protocol);
        using HttpResponseMessage small = await client.PostAsync("/", new ByteArrayContent(new byte[1000]), Cancellation);
        Assert.Equal(200, (int)small.StatusCode);
        using HttpResponseMessage large = await client.PostAsync("/", new ByteArrayContent(new byte[1001]), Cancellation);
        Assert.Equal(413, (int)large.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nX-A: b")]
    public async Task Head_ThatDoesNotCome_EndsTheConnection(string beginning)
    {
        DarterServer server = await ShareAsync(
            new DarterServerOptions { Target = App("recorder"), Arguments = ["--request-header-timeout", "1", "--keep-alive", "1"] });
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(beginning);
        if (beginning.Length == 0)
        {
            Assert.True(await connection.IsClosedAsync());
            return;
        }

        RawResponse response = await connection.ReadResponseAsync();
        Assert.Equal(408, response.Status);
        Assert.True(await connection.IsClosedAsync());
    }

    [Fact]
    public async Task Body_ThatDoesNotCome_Is408()
    {
        // Kept below the least rate for longer than the grace; the only test that has to wait for the server's own clock.
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("recorder") });
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nfirst");
        Assert.Equal(408, (await connection.ReadResponseAsync("POST")).Status);
        Assert.True(await connection.IsClosedAsync());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Task<DarterServer> StartLimitedAsync() => ShareAsync(new DarterServerOptions
    {
        Target = App("recorder"),
        Arguments =
        [
            "--limit-request-line", "300", "--limit-request-fields", "10", "--limit-request-field-size", "300", "--limit-request-body", "1000",
        ],
    });

    private async Task AssertStatusAsync(string request, int status)
    {
        DarterServer server = await StartLimitedAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.TryWriteAsync(request);
        Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
        if (status != 200)
        {
            Assert.True(await connection.IsClosedAsync());
        }

        RawResponse after = await RawConnection.ExchangeAsync(server.Address, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, after.Status);
    }
}
