using System.Net;
using System.Text;

namespace Darter.Integration.Tests.Asgi;

/// <summary>The extensions that scope["extensions"] names.</summary>
public class ExtensionTests(ServerPool pool) : AsgiTest(pool)
{
    private static readonly byte[] Source = File.ReadAllBytes(Path.Combine(RepositoryPaths.AsgiApp("http"), "app.py"));

    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    public static MatrixTheoryData<HttpProtocol, string> ProtocolsAndFiles => new(Rows.Protocols, ["/pathsend", "/pathsend?length=1"]);

    [Fact]
    public async Task EarlyHint_BeforeTheResponse_IsA103()
    {
        RawResponse response = await AskAsync(await ShareAsync("http"), "/early_hint");
        RawResponse hint = Assert.Single(response.Interim);
        Assert.Equal(103, hint.Status);
        Assert.Equal(["</style.css>; rel=preload; as=style", "</app.js>; rel=preload"], hint.All("link"));
        Assert.Equal((200, "hinted"), (response.Status, response.Text));
        Assert.Empty(response.All("link"));
    }

    [Fact]
    public async Task EarlyHint_ToAClientOfHttp10_IsNotSent()
    {
        await using RawConnection connection = await RawConnection.OpenAsync((await ShareAsync("http")).Address);
        await connection.WriteAsync("GET /early_hint HTTP/1.0\r\n\r\n");
        RawResponse response = await connection.ReadResponseAsync();
        Assert.Empty(response.Interim);
        Assert.Equal("hinted", response.Text);
    }

    [Fact]
    public async Task Trailers_OverHttp2_AreSent()
    {
        using HttpClient client = Client(await ShareAsync("http"), HttpProtocol.Http2);
        using HttpResponseMessage response = await client.GetAsync("/trailers", Cancellation);
        Assert.Equal("onetwo", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(["6"], response.TrailingHeaders.GetValues("x-sum"));
        Assert.Equal(["7"], response.TrailingHeaders.GetValues("x-more"));
    }

    [Theory]
    [InlineData("TE: trailers\r\n", "x-sum: 6\r\nx-more: 7\r\n")]
    [InlineData("", "")]
    public async Task Trailers_OverHttp1_AreSentToClientsThatAcceptThem(string fields, string expected)
    {
        await using RawConnection connection = await RawConnection.OpenAsync((await ShareAsync("http")).Address);
        await connection.WriteAsync(Get("/trailers", fields + "Connection: close\r\n"));
        RawResponse head = await connection.ReadHeadAsync();
        Assert.Equal("chunked", head["transfer-encoding"]);
        string[] framings = [$"3\r\none\r\n3\r\ntwo\r\n0\r\n{expected}\r\n", $"6\r\nonetwo\r\n0\r\n{expected}\r\n"];
        Assert.Contains(Encoding.ASCII.GetString(await connection.ReadToEndAsync()), framings);
    }

    [Fact]
    public async Task Trailers_OnAConnectionThatIsKept_ComeWithTheResponse()
    {
        await using RawConnection connection = await RawConnection.OpenAsync((await ShareAsync("http")).Address);
        for (int i = 0; i < 2; i++)
        {
            await connection.WriteAsync(Get("/trailers", "TE: trailers\r\n"));
            await connection.ReadHeadAsync();
            const string Expected = "3\r\none\r\n3\r\ntwo\r\n0\r\nx-sum: 6\r\nx-more: 7\r\n\r\n";
            Assert.Equal(Expected, Encoding.ASCII.GetString(await connection.ReadBytesAsync(Expected.Length)));
        }
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndFiles))]
    public async Task PathSend_OfAFile_SendsItsBytes(HttpProtocol protocol, string target)
    {
        using HttpClient client = Client(await ShareAsync("http"), protocol);
        Assert.Equal(Source, await client.GetByteArrayAsync(target, Cancellation));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task PathSend_OfALargeFile_SendsItsBytes(HttpProtocol protocol)
    {
        using HttpClient client = Client(await ShareAsync("http"), protocol);
        byte[] content = await client.GetByteArrayAsync("/pathsend_large", Cancellation);
        Assert.Equal(256 * 65536, content.Length);
        Assert.All(Enumerable.Range(0, 256), number => Assert.False(content.AsSpan(number * 65536, 65536).ContainsAnyExcept((byte)number)));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task ZeroCopySend_OfARegion_SendsItAmongOtherPieces(HttpProtocol protocol)
    {
        using HttpClient client = Client(await ShareAsync("http"), protocol);
        Assert.Equal($"<{Encoding.ASCII.GetString(Source, 4, 10)}>", await client.GetStringAsync("/zerocopysend", Cancellation));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Debug_BeforeTheResponse_ChangesNothing(HttpProtocol protocol)
    {
        using HttpClient client = Client(await ShareAsync("http"), protocol);
        using HttpResponseMessage response = await client.GetAsync("/debug", Cancellation);
        Assert.Equal((HttpStatusCode.OK, "debugged"), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation)));
    }
}
