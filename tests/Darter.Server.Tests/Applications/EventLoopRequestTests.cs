using System.Net;
using Darter.Testing;
using Darter.Testing.Http;
using Darter.Wire;

namespace Darter.Server.Tests.Applications;

/// <summary>Requests to workers that are event loops: bodies, trailers, clients that leave.</summary>
public sealed class EventLoopRequestTests
{
    [Fact]
    public async Task Body_ThatHasNotCome_DoesNotHoldTheRequestBack()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();

        await connection.WriteAsync("01234");
        Assert.Equal("01234"u8.ToArray(), front.Worker.Expect(FrameType.Body, stream));
        front.Worker.Respond(stream, 200);
        front.Worker.Write(FrameType.Body, FrameFlags.None, stream, "early"u8);
        await connection.WriteAsync("56789");

        (FrameHeader last, byte[] rest) = front.Worker.ReadBehindGrants();
        Assert.Equal("56789"u8.ToArray(), rest);
        Assert.Equal(FrameFlags.End, last.Flags);
        front.Worker.End(stream);
        Assert.Equal("early", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Body_ThatIsThere_ComesWithTheRequest()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n{new string('x', 10000)}");
        (uint stream, _) = front.Worker.ReadRequest();

        int length = 0;
        FrameHeader header;
        do
        {
            (header, byte[] piece) = front.Worker.Read();
            Assert.Equal((FrameType.Body, stream), (header.Type, header.Stream));
            length += piece.Length;
        }
        while (header.Flags != FrameFlags.End);

        Assert.Equal(10000, length);
        front.Worker.Respond(stream, "ok");
        Assert.Equal("ok", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Client_ThatEndsItsSide_IsReportedAndStillAnswered()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();

        connection.ShutdownSend();

        Assert.Equal(CancelReason.ClientFinished, front.Worker.Expect(FrameType.Cancel, stream));
        front.Worker.Respond(stream, "still there?");
        Assert.Equal("still there?", (await connection.ReadResponseAsync()).Text);
        Assert.True(await connection.IsClosedAsync());
    }

    [Fact]
    public async Task Client_ThatEndedItsSideWithTheRequest_IsReportedAndStillAnswered()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        // Two requests, so that the second begins when the end is known.
        await connection.WriteAsync("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
        connection.ShutdownSend();
        (uint first, _) = front.Worker.ReadRequest();
        Assert.Equal(CancelReason.ClientFinished, front.Worker.Expect(FrameType.Cancel, first));
        front.Worker.Respond(first, "1");
        (uint second, _) = front.Worker.ReadRequest();
        Assert.Equal("body"u8.ToArray(), front.Worker.Expect(FrameType.Body, second));
        Assert.Equal(CancelReason.ClientFinished, front.Worker.Expect(FrameType.Cancel, second));
        front.Worker.Respond(second, "2");

        Assert.Equal("1", (await connection.ReadResponseAsync()).Text);
        Assert.Equal("2", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Client_ThatEndsItsSide_IsNotReportedToAWsgiWorker()
    {
        await using FrontHarness front = await FrontHarness.StartAsync(ApplicationInterface.Wsgi);
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
        connection.ShutdownSend();

        (uint first, _) = front.Worker.ReadRequest();
        front.Worker.Respond(first, "1");
        (uint second, _) = front.Worker.ReadRequest();
        front.Worker.Respond(second, "2");

        Assert.Equal("1", (await connection.ReadResponseAsync()).Text);
        Assert.Equal("2", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Client_ThatResets_IsReportedAsGone()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();

        connection.Abort();

        Assert.Empty(front.Worker.Expect(FrameType.Cancel, stream));
    }

    [Theory]
    [InlineData("TE: trailers\r\n", true)]
    [InlineData("TE: deflate;q=0.5, Trailers\r\n", true)]
    [InlineData("", false)]
    public async Task Trailers_OverHttp1_AreSentToClientsThatAcceptThem(string fields, bool sent)
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\nGET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Respond(stream, 200, ("trailer", "x-sum"));
        front.Worker.Write(FrameType.Body, FrameFlags.None, stream, "one"u8);
        front.Worker.Write(FrameType.Body, FrameFlags.None, stream, "two"u8);
        SendTrailers(front, stream, ("x-sum", "42"), ("content-length", "7"), ("x-evil", "a\r\nb: c"));
        front.Worker.End(stream);
        (uint second, _) = front.Worker.ReadRequest();
        front.Worker.Respond(second, "next");

        RawResponse head = await connection.ReadHeadAsync();
        string rest = System.Text.Encoding.ASCII.GetString(await connection.ReadToEndAsync());

        Assert.Equal(sent ? "x-sum" : null, head["Trailer"]);
        Assert.Equal("chunked", head["Transfer-Encoding"]);

        // Pieces that came together may share a chunk.
        string end = sent ? "0\r\nx-sum: 42\r\n\r\nHTTP/1.1 200" : "0\r\n\r\nHTTP/1.1 200";
        string[] framings = [$"3\r\none\r\n3\r\ntwo\r\n{end}", $"6\r\nonetwo\r\n{end}"];
        Assert.Contains(framings, framing => rest.StartsWith(framing, StringComparison.Ordinal));
        Assert.EndsWith("next", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trailers_OverHttp2_AreSent()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        using HttpClient client = new() { BaseAddress = front.Address.Uri, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        Task<HttpResponseMessage> request = client.GetAsync("/", TestContext.Current.CancellationToken);
        (uint stream, _) = await Task.Run(() => front.Worker.ReadRequest(), TestContext.Current.CancellationToken);
        front.Worker.Respond(stream, 200, ("trailer", ""));
        front.Worker.Write(FrameType.Body, FrameFlags.None, stream, "body"u8);
        SendTrailers(front, stream, ("x-sum", "1"), ("x-sum", "2"));
        front.Worker.End(stream);

        using HttpResponseMessage response = await Wait.For(request, "the response");

        Assert.Equal("body", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["1", "2"], response.TrailingHeaders.GetValues("x-sum").SelectMany(value => value.Split(", ")));
        Assert.Empty(response.Headers.Trailer);
    }

    [Fact]
    public async Task Requests_BeyondTheLimit_Are503()
    {
        await using FrontHarness front = await FrontHarness.StartAsync(configure: config => config with { LimitConcurrency = 2 });
        await using RawConnection first = await RawConnection.OpenAsync(front.Address);
        await using RawConnection second = await RawConnection.OpenAsync(front.Address);
        await first.WriteAsync("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
        (uint one, _) = front.Worker.ReadRequest();
        await second.WriteAsync("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
        (uint two, _) = front.Worker.ReadRequest();

        RawResponse refused = await RawConnection.ExchangeAsync(front.Address, "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
        front.Worker.Respond(one, "1");
        Assert.Equal("1", (await first.ReadResponseAsync()).Text);
        await first.WriteAsync("GET /4 HTTP/1.1\r\nHost: a\r\n\r\n");
        (uint four, string target) = front.Worker.ReadRequest();
        front.Worker.Respond(four, "4");
        front.Worker.Respond(two, "2");

        Assert.Equal((503, "1"), (refused.Status, refused["Retry-After"]));
        Assert.Equal("/4", target);
        Assert.Equal("4", (await first.ReadResponseAsync()).Text);
        Assert.Equal("2", (await second.ReadResponseAsync()).Text);
    }

    private static void SendTrailers(FrontHarness front, uint stream, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        Span<byte> block = stackalloc byte[256];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(block, (ushort)fields.Length);
        int length = 2;
        foreach ((string name, string value) in fields)
        {
            length += HeaderBlock.WriteField(block[length..], System.Text.Encoding.ASCII.GetBytes(name), System.Text.Encoding.ASCII.GetBytes(value));
        }

        front.Worker.Write(FrameType.Trailers, FrameFlags.None, stream, block[..length]);
    }
}
