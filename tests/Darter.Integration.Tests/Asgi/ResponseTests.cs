using System.Net;
using System.Text;

namespace Darter.Integration.Tests.Asgi;

/// <summary>The messages http.response.start and http.response.body, as the client sees them.</summary>
public class ResponseTests(ServerPool pool) : AsgiTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    public static MatrixTheoryData<HttpProtocol, string> ProtocolsAndLengths => new(Rows.Protocols, ["", "&length=1"]);

    [Theory]
    [MemberData(nameof(ProtocolsAndLengths))]
    public async Task Pieces_OfAResponse_ArriveOneByOne(HttpProtocol protocol, string length)
    {
        Gate gate = OpenGate();
        using HttpClient client = Client(await ShareAsync("http"), protocol);
        using HttpResponseMessage response = await BeginAsync(client, $"/pieces?port={gate.Port}{length}");
        Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        for (int number = 0; number < 5; number++)
        {
            var piece = new byte[8];
            await Wait.For(body.ReadExactlyAsync(piece, Cancellation).AsTask(), "a piece");
            Assert.Equal($"piece {number}\n", Encoding.ASCII.GetString(piece));
            (await gate.ReachedAsync("sent")).Release();
        }

        Assert.Equal(0, await body.ReadAsync(new byte[1], Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&later=1")]
    public async Task Piece_SentBeforeTheLoopIsBlocked_Arrives(string later)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("http");
        using HttpClient client = Client(server, HttpProtocol.Http1);
        using HttpResponseMessage response = await BeginAsync(client, $"/blocks_the_loop?port={gate.Port}{later}");
        Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        var piece = new byte[5];
        await Wait.For(body.ReadExactlyAsync(piece, Cancellation).AsTask(), "the piece");
        Assert.Equal("piece", Encoding.ASCII.GetString(piece));
        (await gate.ReachedAsync("blocking")).Release();
        Assert.Equal(0, await body.ReadAsync(new byte[1], Cancellation));
    }

    [Fact]
    public async Task Response_InOnePiece_HasALength()
    {
        RawResponse response = await AskAsync(await ShareAsync("http"), "/hello");
        Assert.Equal((HttpFraming.Length, "hello", "text/plain"), (response.Framing, response.Text, response["Content-Type"]));
    }

    [Fact]
    public async Task Head_OfARequest_HasTheLengthOfGet()
    {
        DarterServer server = await ShareAsync("http");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        foreach (string target in (string[])["/hello", "/pathsend?length=1"])
        {
            await connection.WriteAsync($"HEAD {target} HTTP/1.1\r\nHost: h\r\n\r\n");
            RawResponse head = await connection.ReadResponseAsync("HEAD");
            RawResponse get = await AskAsync(server, target);
            Assert.Equal((200, get["Content-Length"]), (head.Status, head["Content-Length"]));
        }

        await connection.WriteAsync(Get("/hello"));
        Assert.Equal("hello", (await connection.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData(200, "content")]
    [InlineData(204, "")]
    [InlineData(304, "")]
    [InlineData(404, "content")]
    [InlineData(418, "content")]
    [InlineData(500, "content")]
    [InlineData(599, "content")]
    public async Task Status_OfAResponse_DecidesOnTheBody(int status, string body)
    {
        await using RawConnection connection = await RawConnection.OpenAsync((await ShareAsync("http")).Address);
        for (int i = 0; i < 2; i++)
        {
            await connection.WriteAsync(Get($"/status?code={status}"));
            RawResponse response = await connection.ReadResponseAsync();
            Assert.Equal((status, body), (response.Status, response.Text));
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Headers_OfAResponse_ReachTheClient(HttpProtocol protocol)
    {
        using HttpClient client = Client(await ShareAsync("http"), protocol);
        using HttpResponseMessage response = await client.GetAsync("/headers", Cancellation);
        Assert.Equal(["1"], response.Headers.GetValues("x-mixed-case"));
        Assert.Equal(["a=1", "b=2"], response.Headers.GetValues("set-cookie"));
        Assert.Equal([""], response.Headers.GetValues("x-empty"));
    }

    [Fact]
    public async Task Headers_BeyondAscii_AreTheApplicationsBytes()
    {
        RawResponse response = await AskAsync(await ShareAsync("http"), "/headers");
        Assert.Equal("gr\u00fc\u00dfe", response["x-latin"]);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Headers_ThatBelongToTheConnection_AreDropped(HttpProtocol protocol)
    {
        using HttpClient client = Client(await ShareAsync("http"), protocol);
        using HttpResponseMessage response = await client.GetAsync("/connection_fields", Cancellation);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(["1"], response.Headers.GetValues("x-kept"));
        Assert.False(response.Headers.Contains("keep-alive"));
        Assert.NotEqual(true, response.Headers.TransferEncodingChunked);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Keys_WithDefaults_MayBeMissing(HttpProtocol protocol)
    {
        using HttpClient client = Client(await ShareAsync("http"), protocol);
        using HttpResponseMessage response = await client.GetAsync("/no_keys", Cancellation);
        Assert.Equal((HttpStatusCode.OK, 0L), (response.StatusCode, response.Content.Headers.ContentLength));
    }
}
