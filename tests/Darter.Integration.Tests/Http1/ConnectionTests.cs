using System.Text;

namespace Darter.Integration.Tests.Http1;

/// <summary>The life of connections of HTTP/1.x: kept, closed, pipelined, continued.</summary>
public class ConnectionTests(ServerPool pool) : ServerTest(pool)
{
    private const string Fields = "Host: h\r\nX-Behaviour: input\r\n";

    [Fact]
    public async Task Connection_WithoutAWish_IsKept()
    {
        await using RawConnection connection = await OpenAsync();
        for (int i = 0; i < 100; i++)
        {
            await connection.WriteAsync($"POST /echo HTTP/1.1\r\n{Fields}Content-Length: {$"{i}".Length}\r\n\r\n{i}");
            RawResponse response = await connection.ReadResponseAsync();
            Assert.Equal($"{i}", response.Text);
            Assert.False(response.IsLast);
        }
    }

    [Theory]
    [InlineData("GET /echo HTTP/1.1\r\nConnection: close\r\n", true)]
    [InlineData("GET /echo HTTP/1.1\r\nConnection: keep-alive\r\n", false)]
    [InlineData("GET /echo HTTP/1.0\r\n", true)]
    [InlineData("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n", false)]
    [InlineData("GET /echo HTTP/1.0\r\nConnection: close\r\n", true)]
    public async Task Connection_WithAWish_IsKeptOrClosed(string head, bool closed)
    {
        await using RawConnection connection = await OpenAsync();
        await connection.WriteAsync($"{head}{Fields}\r\n");
        RawResponse response = await connection.ReadResponseAsync();
        Assert.Equal(200, response.Status);
        if (closed)
        {
            Assert.True(await connection.IsClosedAsync());
        }
        else
        {
            await connection.WriteAsync($"{head}{Fields}\r\n");
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }
    }

    [Fact]
    public async Task Connection_Idle_IsClosedAfterTheKeepAlive()
    {
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("core"), Arguments = ["--keep-alive", "1"] });
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync($"GET /echo HTTP/1.1\r\n{Fields}\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        Assert.True(await connection.IsClosedAsync());
    }

    [Fact]
    public async Task Requests_Pipelined_AreAnsweredInOrder()
    {
        const int Count = 200;
        await using RawConnection connection = await OpenAsync();
        await connection.WriteAsync(string.Concat(Enumerable.Range(1000, Count).Select(number =>
            $"POST /echo HTTP/1.1\r\n{Fields}Content-Length: 4\r\n\r\n{number}")));
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal($"{1000 + i}", (await connection.ReadResponseAsync()).Text);
        }
    }

    [Fact]
    public async Task Requests_PipelinedBehindABrokenOne_AreNotAnswered()
    {
        await using RawConnection connection = await OpenAsync();
        await connection.TryWriteAsync($"GET /echo HTTP/1.1\r\n{Fields}\r\nNONSENSE\r\n\r\nGET /echo HTTP/1.1\r\n{Fields}\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(400, (await connection.ReadResponseAsync()).Status);
        Assert.True(await connection.IsClosedAsync());
    }

    [Fact]
    public async Task Expect100_WhenTheBodyIsRead_IsAnsweredByContinue()
    {
        await using RawConnection connection = await OpenAsync();
        await connection.WriteAsync($"POST /echo HTTP/1.1\r\n{Fields}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await connection.ReadHeadAsync()).Status);
        await connection.WriteAsync("hello");
        Assert.Equal("hello", (await connection.ReadResponseAsync("POST")).Text);
        await connection.WriteAsync($"GET /echo HTTP/1.1\r\n{Fields}\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Expect100_WithAChunkedBody_IsAnsweredByContinue()
    {
        await using RawConnection connection = await OpenAsync();
        await connection.WriteAsync($"POST /echo HTTP/1.1\r\n{Fields}Transfer-Encoding: chunked\r\nExpect: 100-Continue\r\n\r\n");
        Assert.Equal(100, (await connection.ReadHeadAsync()).Status);
        await connection.WriteAsync("5\r\nhello\r\n0\r\n\r\n");
        Assert.Equal("hello", (await connection.ReadResponseAsync("POST")).Text);
    }

    [Fact]
    public async Task Expect100_WithTheBodyAtOnce_IsServed()
    {
        await using RawConnection connection = await OpenAsync();
        await connection.WriteAsync($"POST /echo HTTP/1.1\r\n{Fields}Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello");
        RawResponse response = await connection.ReadResponseAsync("POST");
        Assert.Equal("hello", response.Text);
        Assert.All(response.Interim, interim => Assert.Equal(100, interim.Status));
    }

    [Fact]
    public async Task Expect100_FromHttp10_IsIgnored()
    {
        RawResponse response = await RawConnection.ExchangeAsync(
            (await ShareCoreAsync()).Address, $"POST /echo HTTP/1.0\r\n{Fields}Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", "POST");
        Assert.Equal("hello", response.Text);
        Assert.Empty(response.Interim);
    }

    [Fact]
    public async Task Connection_ClosedByTheClientAtOnce_DoesNoHarm()
    {
        DarterServer server = await ShareCoreAsync();
        string upload = $"POST /echo HTTP/1.1\r\n{Fields}Content-Length: 5\r\n\r\nhello";
        for (int i = 0; i < 50; i++)
        {
            RawConnection connection = await RawConnection.OpenAsync(server.Address);
            if (i % 3 > 0)
            {
                await connection.WriteAsync(upload[..(i * upload.Length / 50)]);
            }

            if (i % 2 == 0)
            {
                connection.Abort();
            }

            await connection.DisposeAsync();
        }

        await using RawConnection after = await RawConnection.OpenAsync(server.Address);
        await after.WriteAsync($"GET /echo HTTP/1.1\r\n{Fields}\r\n");
        Assert.Equal(200, (await after.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Connections_ManyAtTheSameTime_AreAllServed()
    {
        DarterServer server = await ShareCoreAsync();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async number =>
        {
            await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
            for (int i = 0; i < 5; i++)
            {
                string body = $"{number}-{i}";
                await connection.WriteAsync($"POST /echo HTTP/1.1\r\n{Fields}Content-Length: {body.Length}\r\n\r\n{body}");
                Assert.Equal(body, (await connection.ReadResponseAsync()).Text);
            }
        }));
    }

    [Fact]
    public async Task Response_WhileTheUploadStillComes_IsSent()
    {
        // The application does not read a body that is larger than what is buffered; the answer must not wait for all of it.
        await using RawConnection connection = await OpenAsync();
        await connection.WriteAsync($"POST /ignore HTTP/1.1\r\n{Fields}Content-Length: 50000000\r\n\r\n");
        await connection.WriteAsync(Encoding.Latin1.GetString(new byte[2_000_000]));
        Assert.Equal("ignored", (await connection.ReadResponseAsync("POST")).Text);
    }

    private async Task<RawConnection> OpenAsync() => Own(await RawConnection.OpenAsync((await ShareCoreAsync()).Address));
}
