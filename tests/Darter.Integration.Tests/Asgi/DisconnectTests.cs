using System.Text;
using Darter.Testing.Http2;

namespace Darter.Integration.Tests.Asgi;

/// <summary>http.disconnect: what an application hears of a client that leaves, and what it may do then.</summary>
public class DisconnectTests(ServerPool pool) : AsgiTest(pool)
{
    [Fact]
    public async Task Receive_AfterTheResponse_IsADisconnect()
    {
        Gate gate = OpenGate();
        await AskAsync(await ShareAsync("http"), $"/after_the_end?port={gate.Port}");
        Assert.Equal("http.disconnect", (await gate.ReachedAsync("received")).Text);
    }

    [Fact]
    public async Task Client_ThatResetsItsConnection_IsTold()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("http");
        RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get($"/waits_for_disconnect?port={gate.Port}"));
        await gate.ReachedAsync("waiting");

        connection.Abort();

        Assert.Equal("http.disconnect ClientDisconnected", (await gate.ReachedAsync("left")).Text);
        Assert.Equal("hello", (await AskAsync(server, "/hello")).Text);
    }

    [Fact]
    public async Task Client_ThatClosesItsConnection_IsTold()
    {
        Gate gate = OpenGate();
        RawConnection connection = await RawConnection.OpenAsync((await ShareAsync("http")).Address);
        await connection.WriteAsync(Get($"/waits_for_disconnect?port={gate.Port}"));
        await gate.ReachedAsync("waiting");

        await connection.DisposeAsync();

        Assert.StartsWith("http.disconnect ", (await gate.ReachedAsync("left")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_ThatEndsItsSide_IsToldAndAnswered()
    {
        await using RawConnection connection = await RawConnection.OpenAsync((await ShareAsync("http")).Address);
        await connection.WriteAsync(Get("/hears_and_answers"));
        connection.ShutdownSend();
        Assert.Equal("http.disconnect", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Client_ThatResetsItsStream_IsToldAndItsConnectionLives()
    {
        Gate gate = OpenGate();
        await using RawHttp2Connection connection = await RawHttp2Connection.OpenAsync((await ShareAsync("http")).Address);
        await connection.WriteHeadersAsync(1, RawHttp2Connection.Request("GET", $"/waits_for_disconnect?port={gate.Port}"));
        await gate.ReachedAsync("waiting");

        await connection.WriteAsync(new Http2Frame(Http2FrameType.ResetStream, 0, 1, [0, 0, 0, 8]));

        Assert.Equal("http.disconnect ClientDisconnected", (await gate.ReachedAsync("left")).Text);
        await connection.WriteHeadersAsync(3, RawHttp2Connection.Request("GET", "/hello"));
        Assert.Equal("200 hello", await connection.ReadOutcomeAsync(3));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_ThatBreaksItsUploadOff_IsTold(bool http2)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("http");
        string target = $"/leaves_upload?port={gate.Port}";
        if (http2)
        {
            await using RawHttp2Connection connection = await RawHttp2Connection.OpenAsync(server.Address);
            await connection.WriteHeadersAsync(1, RawHttp2Connection.Request("POST", target, ("content-length", "100")), end: false);
            await connection.WriteDataAsync(1, "half", end: false);
            await gate.ReachedAsync("waiting");
            connection.Abort();
        }
        else
        {
            await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
            await connection.WriteAsync($"POST {target} HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
            await gate.ReachedAsync("waiting");
            connection.Abort();
        }

        Assert.Equal("http.disconnect", (await gate.ReachedAsync("left")).Text);
    }

    [Fact]
    public async Task Client_ThatLeavesAStream_EndsItWithoutATraceback()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("http");
        int mark = server.Log.Count;
        RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get($"/streams_until_gone?port={gate.Port}"));
        await connection.ReadHeadAsync();
        Assert.StartsWith("begun", Encoding.ASCII.GetString(await connection.ReadChunkAsync()), StringComparison.Ordinal);

        connection.Abort();

        Assert.Equal("ClientDisconnected", (await gate.ReachedAsync("left")).Text);
        Assert.Equal("hello", (await AskAsync(server, "/hello")).Text);
        Assert.DoesNotContain("streams_until_gone", server.Log.Since(mark), StringComparison.Ordinal);
    }
}
