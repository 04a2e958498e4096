using System.Globalization;
using System.Net;

namespace Darter.Integration.Tests.Asgi;

/// <summary>The messages http.request: the body as it comes, over each version of HTTP.</summary>
public class RequestTests(ServerPool pool) : AsgiTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    public static MatrixTheoryData<HttpProtocol, int> ProtocolsAndSizes => new(Rows.Protocols, [0, 1, 1000, 100_000, 5_000_000]);

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Messages_OfARequestWithoutABody_AreOneThatIsEmpty(HttpProtocol protocol)
    {
        using HttpClient client = Client(await ShareAsync("http"), protocol);
        Assert.Equal("""[[["body", "more_body", "type"], "http.request", 0, false]]""", await client.GetStringAsync("/messages", Cancellation));
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndSizes))]
    public async Task Body_OfAnySize_ComesBackWhole(HttpProtocol protocol, int size)
    {
        using HttpClient client = Client(await ShareAsync("http"), protocol);
        var content = new byte[size];
        new Random(size).NextBytes(content);

        using HttpResponseMessage response = await client.PostAsync("/echo", await PushedContent.OfAsync(content), Cancellation);

        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n", "abcde")]
    [InlineData("Content-Length: 5\r\n\r\nabcde", "abcde")]
    [InlineData("Content-Length: 0\r\n\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "")]
    public async Task Body_InEitherFraming_IsTheSame(string rest, string expected)
    {
        RawResponse response = await RawConnection.ExchangeAsync((await ShareAsync("http")).Address, $"POST /echo HTTP/1.1\r\nHost: h\r\n{rest}");
        Assert.Equal((200, expected), (response.Status, response.Text));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Body_ThatComesSlowly_ReachesTheApplicationPieceByPiece(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = Client(await ShareAsync("http"), protocol);
        using var content = new PushedContent();
        Task<HttpResponseMessage> answer = BeginAsync(client, $"/body_piece_by_piece?port={gate.Port}", content);
        for (int i = 1; i <= 4; i++)
        {
            await content.WriteAsync("piece");
            Assert.Equal($"{5 * i}", (await gate.ReachedAsync("received")).Text);
        }

        content.Complete();
        using HttpResponseMessage response = await Wait.For(answer, "the answer");
        Assert.Equal("20", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Application_OverHttp1_MayAnswerBeforeTheBodyHasCome()
    {
        await using RawConnection connection = await RawConnection.OpenAsync((await ShareAsync("http")).Address);
        await connection.WriteAsync("POST /answers_early HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nfirst");
        Assert.Equal(200, (await connection.ReadHeadAsync()).Status);
        Assert.Equal("early"u8.ToArray(), await connection.ReadChunkAsync());
        await connection.WriteAsync("second");
        Assert.Equal("11"u8.ToArray(), await connection.ReadChunkAsync());
    }

    [Fact]
    public async Task Application_OverHttp2_MayAnswerBeforeTheBodyHasCome()
    {
        using HttpClient client = Client(await ShareAsync("http"), HttpProtocol.Http2);
        using var content = new PushedContent();
        await content.WriteAsync("first");
        using HttpResponseMessage response = await Wait.For(BeginAsync(client, "/answers_early", content), "the early answer");
        using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        var early = new byte[5];
        await Wait.For(body.ReadExactlyAsync(early, Cancellation).AsTask(), "the early piece");
        Assert.Equal("early"u8.ToArray(), early);

        await content.WriteAsync("second");
        content.Complete();

        using var reader = new StreamReader(body);
        Assert.Equal("11", await Wait.For(reader.ReadToEndAsync(Cancellation), "the rest"));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Body_ThatIsIgnored_DoesNotDisturbTheNextRequest(HttpProtocol protocol)
    {
        using HttpClient client = Client(await ShareAsync("http"), protocol);
        for (int i = 0; i < 5; i++)
        {
            using HttpResponseMessage response = await client.PostAsync("/ignores_body", new ByteArrayContent(new byte[50_000]), Cancellation);
            Assert.Equal((HttpStatusCode.OK, "ignored"), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation)));
        }

        Assert.Equal("hello", await client.GetStringAsync("/hello", Cancellation));
    }

    [Fact]
    public async Task Expect100_IsAnsweredWhenTheApplicationReads()
    {
        await using RawConnection connection = await RawConnection.OpenAsync((await ShareAsync("http")).Address);
        await connection.WriteAsync("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await connection.ReadHeadAsync()).Status);
        await connection.WriteAsync("body");
        Assert.Equal("body", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Requests_PipelinedOnOneConnection_AreAnsweredInOrder()
    {
        await using RawConnection connection = await RawConnection.OpenAsync((await ShareAsync("http")).Address);
        await connection.WriteAsync(string.Concat(Enumerable.Range(0, 50).Select(i =>
            string.Create(CultureInfo.InvariantCulture, $"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{i:00}"))));
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(i.ToString("00", CultureInfo.InvariantCulture), (await connection.ReadResponseAsync()).Text);
        }
    }
}
