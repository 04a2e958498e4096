using System.Buffers.Binary;
using System.Net;
using System.Text.Json;
using Darter.Testing.Http2;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Http2;

/// <summary>What is particular to HTTP/2; the rows of the other tests run over it too.</summary>
public class Http2Tests(ServerPool pool) : ServerTest(pool)
{
    private static readonly (string, string) Input = ("x-behaviour", "input");
    private static readonly (string, string) Environ = ("x-behaviour", "environ");

    [Fact]
    public async Task Streams_ManyOnOneConnection_AreAllServed()
    {
        using var client = new CoreClient(await ShareCoreAsync(), HttpProtocol.Http2, "input");
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async number =>
        {
            using HttpResponseMessage response = await client.SendAsync(HttpMethod.Post, "/echo", new StringContent($"number {number}"));
            Assert.Equal(HttpVersion.Version20, response.Version);
            Assert.Equal($"number {number}", await response.Content.ReadAsStringAsync(Cancellation));
        }));
    }

    [Fact]
    public async Task Streams_WithLargeBodiesBothWays_AreAllServed()
    {
        // Together the uploads are larger than what the connection may have on the way, and only one of them is read at a time:
        // those that wait must not keep the one that is read from arriving.
        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("core") });
        using var client = new CoreClient(server, HttpProtocol.Http2, "input");
        await Task.WhenAll(Enumerable.Range(0, 24).Select(async number =>
        {
            var body = new byte[1_500_000 + number];
            new Random(number).NextBytes(body);
            using HttpResponseMessage response = await client.SendAsync(HttpMethod.Post, "/echo", new ByteArrayContent(body));
            byte[] answer = await response.Content.ReadAsByteArrayAsync(Cancellation);
            Assert.True(body.AsSpan().SequenceEqual(answer), "The body came back changed.");
        }));
    }

    [Fact]
    public async Task Stream_ThatIsNotRead_DoesNotHoldTheOthers()
    {
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("core"), Threads = 2 });
        using var client = new CoreClient(server, HttpProtocol.Http2, "responses");
        using HttpResponseMessage unread = await client.GetAsync("/large?size=20000000");
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("a list", await client.GetTextAsync("/list"));
        }

        Assert.Equal(20_000_000, (await unread.Content.ReadAsByteArrayAsync(Cancellation)).Length);
    }

    [Fact]
    public async Task Cookie_InSeveralFields_IsJoined()
    {
        JsonElement environ = await AskEnvironAsync("/", ("cookie", "a=1"), ("x-a", "1"), ("cookie", "b=2"), ("x-a", "2"), ("cookie", "c=3"));
        Assert.Equal("a=1; b=2; c=3", environ.GetProperty("HTTP_COOKIE")[1].GetString());
        Assert.Equal(["1", "2"], environ.GetProperty("HTTP_X_A")[1].GetString()!.Split(',').Select(value => value.Trim()));
    }

    [Fact]
    public async Task Target_OfARequest_IsPassedOnAsItIs()
    {
        JsonElement environ = await AskEnvironAsync("/caf%C3%A9/%2F?a=%20&b=//");
        Assert.Equal("/caf\u00c3\u00a9//", environ.GetProperty("PATH_INFO")[1].GetString());
        Assert.Equal("a=%20&b=//", environ.GetProperty("QUERY_STRING")[1].GetString());
        Assert.Equal("/caf%C3%A9/%2F?a=%20&b=//", environ.GetProperty("RAW_URI")[1].GetString());
        Assert.Equal("example.com", environ.GetProperty("HTTP_HOST")[1].GetString());
    }

    [Fact]
    public async Task Length_ThatIsDeclared_IsPassedOn()
    {
        await using RawHttp2Connection connection = await OpenAsync();
        await connection.WriteHeadersAsync(1, RawHttp2Connection.Request("POST", "/echo", Input, ("content-length", "5")), end: false);
        await connection.WriteDataAsync(1, "he", end: false);
        await connection.WriteDataAsync(1, "llo");
        Assert.Equal("200 hello", await connection.ReadOutcomeAsync(1));
    }

    [Theory]
    [InlineData("4", "hello")]
    [InlineData("6", "hello")]
    [InlineData("0", "hello")]
    [InlineData("5", "")]
    public async Task Length_ThatIsNotTrue_IsAnError(string length, string body)
    {
        await using RawHttp2Connection connection = await OpenAsync();
        await connection.WriteHeadersAsync(1, RawHttp2Connection.Request("POST", "/echo", Input, ("content-length", length)), end: false);
        await connection.WriteDataAsync(1, body);
        AssertRefused(await connection.ReadOutcomeAsync(1));
        await AssertServingAsync();
    }

    public static TheoryData<string, string[]> BrokenRequests => new()
    {
        { "no method", [":scheme", "http", ":authority", "h", ":path", "/"] },
        { "no scheme", [":method", "GET", ":authority", "h", ":path", "/"] },
        { "no path", [":method", "GET", ":scheme", "http", ":authority", "h"] },
        { "empty path", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", ""] },
        { "path without a slash", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "index.html"] },
        { "path with a space", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/a b"] },
        { "path with a line", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/ HTTP/1.1\r\nX-Injected: yes"] },
        { "path with a NUL", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/a\0b"] },
        { "path beyond ASCII", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/caf\u00e9"] },
        { "path twice", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", ":path", "/two"] },
        { "method twice", [":method", "GET", ":method", "PUT", ":scheme", "http", ":authority", "h", ":path", "/"] },
        { "method with a space", [":method", "GET /", ":scheme", "http", ":authority", "h", ":path", "/"] },
        { "unknown pseudo field", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", ":unknown", "x"] },
        { "status in a request", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", ":status", "200"] },
        { "pseudo field behind others", [":method", "GET", ":scheme", "http", ":authority", "h", "x-a", "b", ":path", "/"] },
        { "upper case", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", "X-Upper", "b"] },
        { "name with a space", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", "x a", "b"] },
        { "name with a line", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", "x-a: b\r\nx-b", "c"] },
        { "empty name", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", "", "b"] },
        { "value with a line", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", "x-a", "b\r\nx-injected: yes"] },
        { "value with a NUL", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", "x-a", "b\0c"] },
        { "connection", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", "connection", "close"] },
        { "transfer-encoding", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", "transfer-encoding", "chunked"] },
        { "upgrade", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", "upgrade", "websocket"] },
        { "te other than trailers", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", "te", "gzip"] },
        { "broken length", [":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/", "content-length", "x"] },
        { "broken authority", [":method", "GET", ":scheme", "http", ":authority", "a/b", ":path", "/"] },
        { "CONNECT", [":method", "CONNECT", ":authority", "example.com:443"] },
    };

    [Theory]
    [MemberData(nameof(BrokenRequests))]
    public async Task Request_ThatIsBroken_IsRefused(string name, string[] fields)
    {
        Assert.NotEmpty(name);
        await using RawHttp2Connection connection = await OpenAsync();
        byte[] block = RawHttp2Connection.Encode(fields.Chunk(2).Select(field => (field[0], field[1])).Append(Environ));
        await connection.WriteHeadersAsync(1, block);
        AssertRefused(await connection.ReadOutcomeAsync(1));
        await AssertServingAsync();
    }

    [Fact]
    public async Task Te_Trailers_IsAllowed()
    {
        await using RawHttp2Connection connection = await OpenAsync();
        await connection.WriteHeadersAsync(1, RawHttp2Connection.Request("GET", "/echo", Input, ("te", "trailers")));
        Assert.Equal("200", await connection.ReadOutcomeAsync(1));
    }

    [Fact]
    public async Task Body_WithTrailers_IsWhole()
    {
        await using RawHttp2Connection connection = await OpenAsync();
        await connection.WriteHeadersAsync(1, RawHttp2Connection.Request("POST", "/echo", Input), end: false);
        await connection.WriteDataAsync(1, "hello", end: false);
        await connection.WriteHeadersAsync(1, RawHttp2Connection.Encode(("x-trailer", "t")));
        Assert.Equal("200 hello", await connection.ReadOutcomeAsync(1));
    }

    [Fact]
    public async Task Stream_ResetByTheClient_ClosesTheIterable()
    {
        Gate gate = OpenGate();
        await using RawHttp2Connection connection = await OpenAsync();
        await connection.WriteHeadersAsync(1, RawHttp2Connection.Request("GET", $"/endless?port={gate.Port}", ("x-behaviour", "closing")));
        while (await connection.ReadAsync() is { } frame && frame.Type != Http2FrameType.Data)
        {
        }

        await connection.WriteAsync(new Http2Frame(Http2FrameType.ResetStream, 0, 1, [0, 0, 0, 8]));
        Assert.Equal("1", (await gate.ReachedAsync("closed")).Text);
        await connection.WriteHeadersAsync(3, RawHttp2Connection.Request("GET", "/echo", Input));
        Assert.Equal("200", await connection.ReadOutcomeAsync(3));
    }

    [Fact]
    public async Task Connection_BrokenOffDuringUploads_LeavesTheServerServingAndAbleToStop()
    {
        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("core"), Arguments = ["--graceful-timeout", "300"] });
        for (int i = 0; i < 3; i++)
        {
            await using RawHttp2Connection connection = await RawHttp2Connection.OpenAsync(server.Address);
            for (int stream = 1; stream < 10; stream += 2)
            {
                await connection.WriteHeadersAsync(stream, RawHttp2Connection.Request("POST", "/echo", Input, ("content-length", "2000000")), end: false);
                await connection.WriteDataAsync(stream, new string('x', 10_000), end: false);
            }

            connection.Abort();
        }

        using (var client = new CoreClient(server, HttpProtocol.Http2, "input"))
        {
            Assert.Equal("ignored", await client.GetTextAsync("/ignore"));
        }

        Assert.Equal(0, await server.StopAsync());
        Assert.DoesNotContain("   at ", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Streams_ResetAtOnceByTheHundred_LeaveTheServerServing()
    {
        // The rapid reset of CVE-2023-44487: the server may end the connection, and must serve the others.
        await using RawHttp2Connection connection = await OpenAsync();
        try
        {
            for (int i = 0; i < 1000; i++)
            {
                await connection.WriteHeadersAsync(1 + (2 * i), RawHttp2Connection.Request("GET", "/echo", Input));
                await connection.WriteAsync(new Http2Frame(Http2FrameType.ResetStream, 0, 1 + (2 * i), [0, 0, 0, 8]));
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The server had enough.
        }

        await AssertServingAsync();
    }

    [Fact]
    public async Task Window_OfNothing_HoldsTheResponseUntilItOpens()
    {
        await using RawHttp2Connection connection = await OpenAsync();
        byte[] settings = [0, 4, 0, 0, 0, 0];
        await connection.WriteAsync(new Http2Frame(Http2FrameType.Settings, 0, 0, settings));
        await connection.WriteHeadersAsync(1, RawHttp2Connection.Request("GET", "/list", ("x-behaviour", "responses")));
        while (await connection.ReadAsync() is { } frame && !(frame.Type == Http2FrameType.Headers && frame.Stream == 1))
        {
        }

        await AssertServingAsync();
        var increment = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(increment, 100);
        await connection.WriteAsync(new Http2Frame(Http2FrameType.WindowUpdate, 0, 1, increment));
        Assert.Equal("a list", await connection.ReadOutcomeAsync(1) is { } outcome ? outcome.TrimStart() : "");
    }

    [Theory]
    [InlineData("nonsense instead of frames, and more of it")]
    [InlineData("\0\0\u0005\u0000\u0000\0\0\0\0hello")]
    [InlineData("\0\u00ff\u00ff\u0001\u0004\0\0\0\u0001")]
    [InlineData("\0\0\u0001\u0001\u0004\0\0\0\u0002x")]
    [InlineData("\0\0\u0004\u0008\0\0\0\0\0\0\0\0\0")]
    [InlineData("\0\0\u0005\u0004\0\0\0\0\0abcde")]
    [InlineData("\0\0\u0003\u0001\u0004\0\0\0\u0001\u00ff\u00ff\u00ff")]
    public async Task Frames_ThatAreBroken_EndTheConnection(string bytes)
    {
        await using RawHttp2Connection connection = await OpenAsync();
        await connection.WriteAsync(bytes);
        AssertRefused(await connection.ReadOutcomeAsync(1));
        await AssertServingAsync();
    }

    [Theory]
    [InlineData("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\n")]
    [InlineData("PRI / HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public async Task Preface_ThatIsBroken_EndsTheConnection(string preface)
    {
        DarterServer server = await ShareCoreAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.TryWriteAsync(preface);
        connection.ShutdownSend();
        await connection.ReadToEndAsync();
        await AssertServingAsync();
    }

    [Fact]
    public async Task Curl_WithPriorKnowledge_GetsTheResponse()
    {
        SkipWithout("curl");
        DarterServer server = await ShareCoreAsync();
        CommandResult result = await Command.RunAsync(
            "curl",
            [
                "--silent", "--http2-prior-knowledge", "--header", "X-Behaviour: input", "--data-binary", "hello", "--write-out", " %{http_version} %{http_code}",
                new Uri(server.Address.Uri, "/echo").ToString(),
            ]);
        Assert.Equal("hello 2 200", result.Output);
    }

    [Fact]
    public async Task Nghttp_WithManyStreams_GetsTheResponses()
    {
        SkipWithout("nghttp");
        DarterServer server = await ShareCoreAsync();
        CommandResult result = await Command.RunAsync(
            "nghttp", ["--null-out", "--stat", "--multiply=20", "--header=x-behaviour: responses", new Uri(server.Address.Uri, "/large?size=200000").ToString()]);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(20, result.Output.Split('\n').Count(line => line.Contains(" 200 ", StringComparison.Ordinal)));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static void SkipWithout(string program) => Assert.SkipUnless(Command.Exists(program), $"{program} is not installed.");

    private static void AssertRefused(string outcome) =>
        Assert.True(
            outcome == "closed" || outcome.StartsWith("reset", StringComparison.Ordinal) || outcome.StartsWith("goaway", StringComparison.Ordinal)
            || outcome.StartsWith('4') || outcome.StartsWith('5'),
            $"The server answered {outcome}.");

    private async Task<RawHttp2Connection> OpenAsync() => Own(await RawHttp2Connection.OpenAsync((await ShareCoreAsync()).Address));

    private async Task<JsonElement> AskEnvironAsync(string path, params (string, string)[] fields)
    {
        await using RawHttp2Connection connection = await OpenAsync();
        await connection.WriteHeadersAsync(1, RawHttp2Connection.Request("GET", path, [Environ, .. fields]));
        string outcome = await connection.ReadOutcomeAsync(1);
        Assert.StartsWith("200 ", outcome, StringComparison.Ordinal);
        return JsonDocument.Parse(outcome[4..]).RootElement;
    }

    private async Task AssertServingAsync()
    {
        await using RawHttp2Connection connection = await OpenAsync();
        await connection.WriteHeadersAsync(1, RawHttp2Connection.Request("GET", "/ignore", Input));
        Assert.Equal("200 ignored", await connection.ReadOutcomeAsync(1));
    }
}
