using System.IO.Compression;
using System.Text;
using Darter.Server.Configuration;
using Darter.Server.Control;
using Darter.Server.Tests.Applications;
using Darter.Testing;
using Darter.Testing.Http;
using Darter.Wire;

namespace Darter.Server.Tests.Caching;

/// <summary>The cache in the front, with real connections and workers that the test plays.</summary>
public sealed class CachedFrontTests
{
    private const string Request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData(10)]
    [InlineData(200_000)]
    public async Task Hit_ReachesNoWorker(int length)
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        string body = new('x', length);
        await connection.WriteAsync(Request);
        Answer(front, body, ("cache-control", "max-age=60"), ("surrogate-key", "t"));
        RawResponse first = await connection.ReadResponseAsync();
        Assert.Equal((body, null, "Darter; fwd=uri-miss"), (first.Text, first["Surrogate-Key"], first["Cache-Status"]));

        await connection.WriteAsync(Request + Request.Replace("GET", "HEAD", StringComparison.Ordinal) + Request.Replace("\r\n\r\n", "\r\nRange: bytes=5-6\r\n\r\n", StringComparison.Ordinal));
        RawResponse hit = await connection.ReadResponseAsync();
        Assert.Equal((body, length.ToString()), (hit.Text, hit["Content-Length"]));
        Assert.StartsWith("Darter; hit; ttl=", hit["Cache-Status"], StringComparison.Ordinal);
        RawResponse head = await connection.ReadResponseAsync("HEAD");
        Assert.Equal(length.ToString(), head["Content-Length"]);
        RawResponse part = await connection.ReadResponseAsync();
        Assert.Equal((206, "xx"), (part.Status, part.Text));

        Assert.Equal(1, (await front.Server.PurgeCacheAsync(new PurgeOrder { Tag = "t" })).Purged);
        await connection.WriteAsync(Request);
        Answer(front, "new");
        Assert.Equal("new", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Misses_AtTheSameTime_AskOnce()
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection first = await RawConnection.OpenAsync(front.Address);
        await first.WriteAsync(Request);
        (uint stream, _) = front.Worker.ReadRequest();
        RawConnection[] others = await OpenAsync(front, 50);

        front.Worker.Respond(stream, 200, ("cache-control", "max-age=60"));
        front.Worker.Write(FrameType.Body, FrameFlags.None, stream, "one"u8);
        front.Worker.Write(FrameType.Body, FrameFlags.None, stream, "two"u8);
        front.Worker.End(stream);
        Assert.Equal("onetwo", (await first.ReadResponseAsync()).Text);
        foreach (RawConnection other in others)
        {
            Assert.Equal("onetwo", (await other.ReadResponseAsync()).Text);
            await other.DisposeAsync();
        }

        // The next request that the worker gets is another one: none came between.
        await first.WriteAsync(Request.Replace("GET /", "GET /2", StringComparison.Ordinal));
        Assert.Equal("/2", Answer(front, "x"));
        await first.ReadResponseAsync();
    }

    [Fact]
    public async Task FirstClient_ThatLeaves_BreaksNoOther()
    {
        await using FrontHarness front = await StartAsync();
        RawConnection first = await RawConnection.OpenAsync(front.Address);
        await first.WriteAsync(Request);
        (uint stream, _) = front.Worker.ReadRequest();
        RawConnection[] others = await OpenAsync(front, 5);

        first.Abort();
        await first.DisposeAsync();
        Assert.Empty(front.Worker.Expect(FrameType.Cancel, stream));
        Answer(front, "page", ("cache-control", "max-age=60"));
        foreach (RawConnection other in others)
        {
            Assert.Equal("page", (await other.ReadResponseAsync()).Text);
            await other.DisposeAsync();
        }
    }

    [Fact]
    public async Task AnswerThatIsNotKept_SendsAllToTheApplication()
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection first = await RawConnection.OpenAsync(front.Address);
        await first.WriteAsync(Request);
        (uint stream, _) = front.Worker.ReadRequest();
        RawConnection[] others = await OpenAsync(front, 5);

        front.Worker.Respond(stream, 200, ("cache-control", "private"));
        front.Worker.End(stream);
        await first.ReadResponseAsync();
        foreach (RawConnection other in others)
        {
            Answer(front, "own");
        }

        foreach (RawConnection other in others)
        {
            Assert.Equal("own", (await other.ReadResponseAsync()).Text);
            await other.DisposeAsync();
        }
    }

    [Fact]
    public async Task AnswerThatIsTooLong_StreamsThrough()
    {
        await using FrontHarness front = await StartAsync(maxObject: 5);
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync(Request);
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Respond(stream, 200, ("cache-control", "max-age=60"));
        await connection.ReadHeadAsync();
        foreach (string piece in (string[])["abcd", "efgh"])
        {
            front.Worker.Write(FrameType.Body, FrameFlags.None, stream, Encoding.ASCII.GetBytes(piece));
            Assert.Equal(piece, Encoding.ASCII.GetString(await connection.ReadChunkAsync()));
        }

        front.Worker.End(stream);
        Assert.Empty(await connection.ReadChunkAsync());
        await connection.WriteAsync(Request);
        Answer(front, "again");
        Assert.Equal("again", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Stale_IsServedWhileTheFrontAsksForANewerOne()
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync(Request);
        Answer(front, "old", ("cache-control", "max-age=0, stale-while-revalidate=1000"), ("etag", "\"1\""));
        await connection.ReadResponseAsync();

        await connection.WriteAsync(Request);
        Assert.Equal("old", (await connection.ReadResponseAsync()).Text);
        Answer(front, "new", ("cache-control", "max-age=1000"));
        await Wait.Until(async () => await StatusAsync(front) is { Stored: 2 }, () => "the newer answer");
        await connection.WriteAsync(Request);
        Assert.Equal("new", (await connection.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(200_000)]
    public async Task Hit_IsCompressed_AsTheAnswerBefore(int length)
    {
        await using FrontHarness front = await FrontHarness.StartAsync(
            configure: config => config with { Cache = new CacheConfig { Size = 16 * 1024 * 1024 }, Compression = new CompressionConfig() });
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        string request = Request.Replace("\r\n\r\n", "\r\nAccept-Encoding: gzip\r\n\r\n", StringComparison.Ordinal);
        string body = new('x', length);
        await connection.WriteAsync(request);
        Answer(front, body, ("cache-control", "max-age=60"), ("content-type", "text/plain"), ("etag", "\"1\""));
        RawResponse first = await connection.ReadResponseAsync();
        await connection.WriteAsync(request + request.Replace("GET", "HEAD", StringComparison.Ordinal) + Request);
        RawResponse hit = await connection.ReadResponseAsync();
        Assert.StartsWith("Darter; hit", hit["Cache-Status"], StringComparison.Ordinal);
        foreach (RawResponse response in (RawResponse[])[first, hit])
        {
            Assert.Equal(("gzip", "Accept-Encoding", "W/\"1\"", body), (response["Content-Encoding"], response["Vary"], response["ETag"], Unzip(response.Body)));
        }

        RawResponse head = await connection.ReadResponseAsync("HEAD");
        Assert.Equal(("gzip", $"{hit.Body.Length}"), (head["Content-Encoding"], head["Content-Length"]));
        RawResponse plain = await connection.ReadResponseAsync();
        Assert.Equal((null, "Accept-Encoding", "\"1\"", body), (plain["Content-Encoding"], plain["Vary"], plain["ETag"], plain.Text));
    }

    [Fact]
    public async Task NotModified_GivesTheClientWhatIsStored()
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync(Request);
        Answer(front, "page", ("cache-control", "max-age=60"), ("etag", "\"1\""));
        await connection.ReadResponseAsync();

        await connection.WriteAsync(Request.Replace("\r\n\r\n", "\r\nCache-Control: no-cache\r\n\r\n", StringComparison.Ordinal));
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Respond(stream, 304, ("x-own", "new"));
        front.Worker.End(stream);
        RawResponse response = await connection.ReadResponseAsync();
        Assert.Equal((200, "page", "new"), (response.Status, response.Text, response["X-Own"]));
    }

    [Fact]
    public async Task WorkerThatDies_IsReplacedByWhatIsStale()
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync(Request);
        Answer(front, "old", ("cache-control", "max-age=60, stale-if-error=60"));
        await connection.ReadResponseAsync();

        await connection.WriteAsync(Request.Replace("\r\n\r\n", "\r\nCache-Control: no-cache\r\n\r\n", StringComparison.Ordinal));
        front.Worker.ReadRequest();
        FakeLauncher.Kill(front.Workers.Processes[0]);
        front.Worker.Dispose();
        RawResponse response = await connection.ReadResponseAsync();
        Assert.Equal((200, "old"), (response.Status, response.Text));
    }

    [Fact]
    public async Task Post_InvalidatesItsTarget_IfItIsAnsweredWithoutAnError()
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync(Request);
        Answer(front, "old", ("cache-control", "max-age=60"));
        await connection.ReadResponseAsync();
        foreach ((int status, bool isInvalidated) in ((int, bool)[])[(500, false), (303, true)])
        {
            await connection.WriteAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
            (uint stream, _) = front.Worker.ReadRequest();
            front.Worker.Respond(stream, status);
            front.Worker.End(stream);
            await connection.ReadResponseAsync();
            Assert.Equal(isInvalidated ? 0 : 1, (await StatusAsync(front))!.Answers);
        }
    }

    [Fact]
    public async Task Scheme_ThatATrustedProxySays_IsPartOfTheKey()
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        string https = Request.Replace("\r\n\r\n", "\r\nX-Forwarded-Proto: https\r\n\r\n", StringComparison.Ordinal);
        await connection.WriteAsync(https);
        Answer(front, "secure", ("cache-control", "max-age=60"));
        await connection.ReadResponseAsync();
        Assert.Equal(1, (await front.Server.PurgeCacheAsync(new PurgeOrder { Url = "https://a/" })).Purged);
    }

    private static Task<FrontHarness> StartAsync(int maxObject = 1024 * 1024) => FrontHarness.StartAsync(
        configure: config => config with { Cache = new CacheConfig { Size = 16 * 1024 * 1024, MaxObject = maxObject } });

    /// <summary>Further clients with the same request.</summary>
    private static async Task<RawConnection[]> OpenAsync(FrontHarness front, int count)
    {
        RawConnection[] others = new RawConnection[count];
        for (int i = 0; i < count; i++)
        {
            others[i] = await RawConnection.OpenAsync(front.Address);
            await others[i].WriteAsync(Request);
        }

        return others;
    }

    private static string Answer(FrontHarness front, string body, params (string Name, string Value)[] fields)
    {
        (uint stream, string target) = front.Worker.ReadRequest();
        front.Worker.Respond(stream, 200, fields);
        foreach (byte[] piece in Encoding.ASCII.GetBytes(body).Chunk(30_000))
        {
            front.Worker.Write(FrameType.Body, FrameFlags.None, stream, piece);
        }

        front.Worker.End(stream);
        return target;
    }

    private static string Unzip(byte[] bytes)
    {
        using StreamReader reader = new(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }

    private static async Task<CacheStatus?> StatusAsync(FrontHarness front) =>
        (await front.Server.GetStatusAsync()).Cache;
}
