using System.Net;
using System.Net.Quic;
using System.Text;

namespace Darter.Integration.Tests.Tls;

/// <summary>What the other versions of HTTP can do, over HTTP/3.</summary>
public class ContentHttp3Tests : ServerTest
{
    private const string LongField = """
        def application(environ, start_response):
            start_response("200 OK", [("x-long", "x" * int(environ["QUERY_STRING"]))])
            return [b"done"]
        """;

    private readonly string _folder;
    private readonly TestCertificates _authority;

    public ContentHttp3Tests(ServerPool pool)
        : base(pool)
    {
        _folder = TemporaryFolder();
        _authority = new TestCertificates(_folder, "authority");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ResponsesWithoutABody_AndTrailers_AreThoseOfTheApplication()
    {
        DarterServer server = await ServeAsync(Path.Combine(RepositoryPaths.AsgiApp("http"), "app.py"));
        using HttpClient client = Http3Client.Create(server, "3.0", out _);
        foreach (HttpStatusCode code in (HttpStatusCode[])[HttpStatusCode.NoContent, HttpStatusCode.NotModified])
        {
            using HttpResponseMessage response = await client.GetAsync(Relative($"/status?code={(int)code}"), Cancellation);
            Assert.Equal((code, ""), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation)));
        }

        using HttpRequestMessage head = Request("/hello", HttpMethod.Head);
        using HttpResponseMessage answer = await client.SendAsync(head, Cancellation);
        Assert.Equal((HttpStatusCode.OK, "text/plain", ""), (answer.StatusCode, $"{answer.Content.Headers.ContentType}", await answer.Content.ReadAsStringAsync(Cancellation)));

        using HttpResponseMessage sum = await client.GetAsync(Relative("/trailers"), Cancellation);
        await sum.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal("x-sum: 6, x-more: 7", string.Join(", ", sum.TrailingHeaders.Select(field => $"{field.Key}: {field.Value.Single()}")).ToLowerInvariant());
    }

    [Fact]
    public async Task Pieces_ArriveBeforeTheNextOneIsMade()
    {
        Gate gate = OpenGate();
        DarterServer server = await ServeAsync(Path.Combine(RepositoryPaths.AsgiApp("http"), "app.py"));
        using HttpClient client = Http3Client.Create(server, "3.0", out _);
        using HttpRequestMessage request = Request($"/pieces?port={gate.Port}", HttpMethod.Get);
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        byte[] piece = new byte["piece 0\n".Length];
        for (int number = 0; number < 5; number++)
        {
            await Wait.For(body.ReadExactlyAsync(piece, Cancellation).AsTask(), $"piece {number}");
            Assert.Equal($"piece {number}\n", Encoding.ASCII.GetString(piece));
            (await gate.ReachedAsync("sent")).Release();
        }

        Assert.Equal(-1, body.ReadByte());
    }

    [Fact]
    public async Task ClientThatCancels_IsADisconnect_AndItsConnectionLives()
    {
        Gate gate = OpenGate();
        DarterServer server = await ServeAsync(Path.Combine(RepositoryPaths.AsgiApp("http"), "app.py"));
        await using RawQuicConnection connection = await RawQuicConnection.OpenAsync(server);
        QuicStream stream = await connection.BeginAsync($"/waits_for_disconnect?port={gate.Port}");
        await gate.ReachedAsync("waiting");
        stream.Abort(QuicAbortDirection.Both, 0x10C);
        Assert.Equal("http.disconnect ClientDisconnected", (await gate.ReachedAsync("left")).Text);
        Assert.True(await RawQuicConnection.ReadToEndAsync(await connection.BeginAsync("/hello")) > 10);
    }

    [Fact]
    public async Task ClientThatStopsTheResponse_IsRidOfItsRequestToo()
    {
        Gate gate = OpenGate();
        DarterServer server = await ServeAsync(Path.Combine(RepositoryPaths.AsgiApp("protocols"), "app.py"));
        await using RawQuicConnection connection = await RawQuicConnection.OpenAsync(server);
        QuicStream stream = await connection.BeginAsync($"/endless?port={gate.Port}", length: 1000);
        await RawQuicConnection.SendAsync(stream, new byte[10]);
        await stream.ReadExactlyAsync(new byte[10_000], Cancellation);
        stream.Abort(QuicAbortDirection.Read, 0x10C);
        QuicException refused = await Wait.For(Assert.ThrowsAsync<QuicException>(() => stream.WritesClosed), "the server to give the request up");
        Assert.Equal((QuicError.StreamAborted, 0x10C), (refused.QuicError, refused.ApplicationErrorCode));
        await gate.ReachedAsync("closed");
        Assert.True(await RawQuicConnection.ReadToEndAsync(await connection.BeginAsync("/environ")) > 100);
    }

    [Fact]
    public async Task ResponseWithAFieldThatIsTooLong_IsBrokenOff()
    {
        string target = Path.Combine(_folder, "long.py");
        await File.WriteAllTextAsync(target, LongField, Cancellation);
        DarterServer server = await ServeAsync(target);
        using HttpClient client = Http3Client.Create(server, "3.0", out _);
        using HttpResponseMessage response = await client.GetAsync(Relative("/?15990"), Cancellation);
        Assert.Equal(15990, response.Headers.GetValues("x-long").Single().Length);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(Relative("/?15995"), Cancellation));
        await server.Log.WaitForAsync("The response to / is broken off: its field x-long has 16001 characters, and with HTTP/3 (--http3) there can be 16000");
        Assert.Equal("done", await client.GetStringAsync(Relative("/?1"), Cancellation));
    }

    private static Uri Relative(string target) => new(target, UriKind.Relative);

    private static HttpRequestMessage Request(string target, HttpMethod method) =>
        new(method, target) { Version = HttpVersion.Version30, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private Task<DarterServer> ServeAsync(string target)
    {
        Http3Client.Require();
        return StartAsync(new DarterServerOptions
        {
            Target = target,
            Workers = 1,
            Arguments = ["--certfile", _authority.Issue("server.pem", "CN=server", "localhost"), "--http3"],
        });
    }
}
