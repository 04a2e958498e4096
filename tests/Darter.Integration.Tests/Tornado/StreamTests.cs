using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Darter.Integration.Tests.Asgi;

namespace Darter.Integration.Tests.Tornado;

/// <summary>Bodies that come and go piece by piece, and clients that leave.</summary>
public class StreamTests(ServerPool pool) : TornadoTest(pool)
{
    private const int Much = 64 * 1024 * 1024;

    // What the kernel keeps for both ends of a connection, and the server of a body.
    private const int Bound = 24 * 1024 * 1024;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Pieces_ThatAreFlushed_ArriveOneByOne(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = Client(await ShareAsync("requests"), protocol);
        using HttpResponseMessage response = await BeginAsync(client, HttpMethod.Get, $"/pieces?port={gate.Port}");
        using var body = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        for (int number = 0; number < 3; number++)
        {
            Assert.Equal($"piece {number}", await Wait.For(body.ReadLineAsync(Cancellation).AsTask(), "a piece"));
            (await gate.ReachedAsync("sent")).Release();
        }

        Assert.Null(await Wait.For(body.ReadLineAsync(Cancellation).AsTask(), "the end"));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Client_ThatDoesNotRead_MakesFlushWait(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("requests");
        using HttpClient client = Client(server, protocol);
        using HttpResponseMessage response = await BeginAsync(client, HttpMethod.Get, $"/flood?count={Much / 65536}&port={gate.Port}");
        long taken = long.Parse((await gate.ReachedAsync("blocked")).Text, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(taken, 1, Bound);
        Assert.Equal("hello", (await AskAsync(server, "/hello")).Text);

        using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        var buffer = new byte[1024 * 1024];
        long read = 0;
        int count;
        while ((count = await Wait.For(body.ReadAsync(buffer, Cancellation).AsTask(), "more of the body")) > 0)
        {
            read += count;
        }

        Assert.Equal(Much, read);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Upload_IsGivenPieceByPiece(HttpProtocol protocol)
    {
        var content = new byte[5_000_000];
        new Random(1).NextBytes(content);
        using HttpClient client = Client(await ShareAsync("requests"), protocol);
        using HttpResponseMessage response = await client.PostAsync("/upload", new ByteArrayContent(content), Cancellation);
        Assert.Equal($"{content.Length} {Convert.ToHexStringLower(SHA256.HashData(content))}", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Handler_ThatDoesNotTakeData_StopsTheUpload()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("requests");
        using Socket socket = await server.Address.ConnectAsync(cancellation: Cancellation);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /upload?port={gate.Port} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {Much}\r\n\r\n"), Cancellation);
        Task<Gate.Arrival> arriving = gate.ReachedAsync("data");
        long taken = await SlowSocket.FillAsync(socket, new byte[65536], Much);
        Assert.InRange(taken, 1, Bound);

        (await arriving).Release();
        var rest = new byte[Much - taken];
        for (int sent = 0; sent < rest.Length;)
        {
            sent += await Wait.For(socket.SendAsync(rest.AsMemory(sent), Cancellation).AsTask(), "the server to read");
        }

        using var reader = new StreamReader(new NetworkStream(socket));
        Assert.Contains($"\r\n\r\n{Much} ", await Wait.For(reader.ReadToEndAsync(Cancellation), "the answer"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_ThatLeavesAmidTheUpload_IsTold()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("requests");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);

        // More than the front collects before a worker gets the request.
        await connection.WriteAsync($"POST /upload?port={gate.Port} HTTP/1.1\r\nHost: h\r\nContent-Length: {Much}\r\n\r\n");
        await connection.WriteAsync(new byte[2_000_000]);
        (await gate.ReachedAsync("data")).Release();
        connection.Abort();
        await gate.ReachedAsync("left");
    }

    [Fact]
    public async Task Body_BeyondTheHandlersLimit_IsRefused()
    {
        DarterServer server = await ShareAsync("requests");
        RawResponse response = await RawConnection.ExchangeAsync(server.Address, "POST /upload?most=3 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcd");
        Assert.Equal((400, true), (response.Status, response.IsLast));
        response = await RawConnection.ExchangeAsync(
            server.Address, "POST /upload?most=3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n");
        Assert.Equal(400, response.Status);
    }

    [Fact]
    public async Task Answer_BeforeTheBody_IsSent()
    {
        RawResponse response = await RawConnection.ExchangeAsync((await ShareAsync("requests")).Address, "POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcd");
        Assert.Equal((403, "Not For You"), (response.Status, response.Reason));
    }

    [Fact]
    public async Task LongPoll_WhoseClientLeaves_IsTold()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("requests");
        RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get($"/waiting?port={gate.Port}"));
        await gate.ReachedAsync("waiting");

        connection.Abort();

        Assert.Equal("StreamClosedError", (await gate.ReachedAsync("ended")).Text);
        Assert.Equal("hello", (await AskAsync(server, "/hello")).Text);
    }

    [Fact]
    public async Task LongPoll_WhoseClientEndsItsSide_IsToldAndAnswered()
    {
        Gate gate = OpenGate();
        await using RawConnection connection = await RawConnection.OpenAsync((await ShareAsync("requests")).Address);
        await connection.WriteAsync(Get($"/waiting?port={gate.Port}"));
        await gate.ReachedAsync("waiting");

        connection.ShutdownSend();

        Assert.Equal("too late", (await connection.ReadResponseAsync()).Text);
        Assert.Equal("answered", (await gate.ReachedAsync("ended")).Text);
        await gate.ReachedAsync("finished");
    }

    [Fact]
    public async Task Request_ThatTakesTooLong_IsCancelled()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("requests", "--request-timeout", "0.5");
        RawResponse response = await AskAsync(server, $"/stuck?port={gate.Port}");
        Assert.Equal(504, response.Status);
        await gate.ReachedAsync("cancelled");
        Assert.Equal("hello", (await AskAsync(server, "/hello")).Text);
    }
}
