using System.Net;
using System.Text;
using CsCheck;
using Darter.Server.Configuration;
using Darter.Server.Tests.Compression;
using Darter.Testing;
using Darter.Testing.Http;
using Darter.Wire;

namespace Darter.Server.Tests.Applications;

/// <summary>Answers that are compressed on the way.</summary>
public sealed class CompressionTests
{
    private static readonly byte[] s_page = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200).Select(i => $"<li>Item {i}</li>")));

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task Answer_ThatIsWhole_IsCompressedAndHasALength(string coding)
    {
        await using FrontHarness front = await StartAsync();

        RawResponse response = await ExchangeAsync(front, coding, s_page, ("content-type", "text/html"), ("etag", "\"a\""));

        Assert.Equal((200, coding, "Accept-Encoding", "W/\"a\""), (response.Status, response["Content-Encoding"], response["Vary"], response["ETag"]));
        Assert.Equal($"{response.Body.Length}", response["Content-Length"]);
        Assert.InRange(response.Body.Length, 1, s_page.Length / 2);
        Assert.Equal(s_page, Decoded.Of(coding, response.Body));
    }

    [Fact]
    public async Task Answer_ThatCannotBeMadeSmaller_IsSentAsItIs()
    {
        byte[] noise = new byte[5000];
        new Random(7).NextBytes(noise);
        await using FrontHarness front = await StartAsync();

        RawResponse response = await ExchangeAsync(front, "gzip, br", noise, ("content-type", "text/html"), ("etag", "\"a\""));

        Assert.Equal((null, "Accept-Encoding", "\"a\"", "5000"), (response["Content-Encoding"], response["Vary"], response["ETag"], response["Content-Length"]));
        Assert.Equal(noise, response.Body);
    }

    [Fact]
    public async Task Answer_WithoutTheOption_IsSentAsItIs()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();

        RawResponse response = await ExchangeAsync(front, "gzip, br", s_page, ("content-type", "text/html"));

        Assert.Equal((null, null), (response["Content-Encoding"], response["Vary"]));
        Assert.Equal(s_page, response.Body);
    }

    [Fact]
    public async Task Pieces_OfAnyLength_ComeBackWhole()
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        Gen<int> length = Gen.OneOf(Gen.Int[0, 100], Gen.Int[1000, 20_000], Gen.Int[16_380, 16_390], Gen.Int[40_000, 65_536]);
        await Gen.Select(Gen.Int[0, 2].Select(index => ((string[])["gzip", "br", "zstd"])[index]), length.List[0, 4], Gen.Bool, Gen.Bool, Gen.Int[0, 1000]).SampleAsync(
            async (coding, lengths, isWhole, isAtOnce, seed) =>
            {
                byte[][] pieces = [.. lengths.Select((count, index) => Text(seed + index, count))];
                await connection.WriteAsync($"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: {coding}\r\n\r\n");
                (uint stream, _) = front.Worker.ReadRequest();
                Task<RawResponse> reading = connection.ReadResponseAsync();
                Action write = () =>
                {
                    bool isOne = isWhole && pieces.Length == 1;
                    front.Worker.Begin(
                        stream, 200, isWhole ? pieces.Sum(piece => piece.Length) : -1, pieces.Length > 0 ? pieces[0] : [], isOne, ("content-type", "text/plain"));
                    foreach (byte[] piece in pieces.Skip(1))
                    {
                        front.Worker.SendBody(stream, piece);
                    }

                    if (!isOne)
                    {
                        front.Worker.End(stream);
                    }
                };
                if (isAtOnce)
                {
                    front.Worker.WriteAtOnce(write);
                }
                else
                {
                    write();
                }

                RawResponse response = await reading;
                Assert.Equal(pieces.SelectMany(piece => piece), Decoded.Of(response["Content-Encoding"], response.Body));
                Assert.True(response["Content-Encoding"] == coding || (isWhole && pieces.Sum(piece => piece.Length) < 1500));
            },
            iter: 60,
            threads: 1);
    }

    [Theory]
    [InlineData("gzip", 20)]
    [InlineData("br", 20)]
    [InlineData("zstd", 20)]
    [InlineData("br", 40_000)]
    public async Task Piece_OfAnAnswerThatGoesOn_IsNotHeldBack(string coding, int length)
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync($"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: {coding}\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Begin(stream, 200, -1, [], end: false, ("content-type", "text/event-stream"));
        Assert.Equal(coding, (await connection.ReadHeadAsync())["Content-Encoding"]);
        List<byte> sent = [];
        List<byte> received = [];
        for (int i = 0; i < 3; i++)
        {
            byte[] piece = Text(i, length);
            front.Worker.SendBody(stream, piece);
            sent.AddRange(piece);
            while (Decoded.Of(coding, [.. received]).Length < sent.Count)
            {
                received.AddRange(await connection.ReadChunkAsync());
            }
        }

        front.Worker.End(stream);
        while (await connection.ReadChunkAsync() is { Length: > 0 } rest)
        {
            received.AddRange(rest);
        }

        Assert.Equal(sent, Decoded.Of(coding, [.. received]));
    }

    [Theory]
    [InlineData("HEAD / HTTP/1.1", 200)]
    [InlineData("GET / HTTP/1.1", 304)]
    public async Task Answer_WithoutABody_KeepsItsFields(string request, int status)
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync($"{request}\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Begin(stream, status, 5000, [], end: true, ("content-type", "text/html"), ("etag", "\"a\""));

        RawResponse response = await connection.ReadResponseAsync(request[..4].Trim());

        Assert.Equal((status, null, "5000", "\"a\""), (response.Status, response["Content-Encoding"], response["Content-Length"], response["ETag"]));
    }

    [Fact]
    public async Task Worker_ThatFailsInTheMiddle_BreaksTheAnswerOff()
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Begin(stream, 200, -1, s_page, end: false, ("content-type", "text/html"));
        await connection.ReadHeadAsync();

        front.Worker.Write(FrameType.Abort, FrameFlags.None, stream, [(byte)AbortReason.ApplicationError]);

        string rest = Encoding.Latin1.GetString(await connection.ReadToEndAsync());
        Assert.DoesNotContain("0\r\n\r\n", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_OverHttp2_IsCompressed()
    {
        await using FrontHarness front = await StartAsync();
        using HttpClient client = new() { BaseAddress = front.Address.Uri, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        client.DefaultRequestHeaders.Add("Accept-Encoding", "br");
        byte[] large = Text(1, 300_000);
        Task<HttpResponseMessage> request = client.GetAsync("/", TestContext.Current.CancellationToken);
        (uint stream, _) = await Task.Run(() => front.Worker.ReadRequest(), TestContext.Current.CancellationToken);
        front.Worker.Begin(stream, 200, large.Length, [], end: false, ("content-type", "text/html"));
        for (int offset = 0; offset < large.Length; offset += 50_000)
        {
            front.Worker.SendBody(stream, large.AsSpan(offset, 50_000));
            if (offset == 150_000)
            {
                // 256 KiB may be under way.
                Assert.NotEmpty(front.Worker.Expect(FrameType.Window, stream));
            }
        }

        front.Worker.End(stream);

        using HttpResponseMessage response = await Wait.For(request, "the response");
        byte[] body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal("br", response.Content.Headers.ContentEncoding.Single());
        Assert.InRange(body.Length, 1, large.Length / 2);
        Assert.Equal(large, Decoded.Of("br", body));
    }

    [Fact]
    public async Task Client_ThatLeavesWhileItIsCompressed_EndsTheRequest()
    {
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Begin(stream, 200, -1, Text(1, 60_000), end: false, ("content-type", "text/html"));
        await connection.ReadHeadAsync();

        connection.Abort();

        Assert.Empty(front.Worker.Expect(FrameType.Cancel, stream));
    }

    private static Task<FrontHarness> StartAsync() => FrontHarness.StartAsync(configure: config => config with
    {
        Compression = new CompressionConfig { Types = ["text/html", "text/plain", "text/event-stream"] },
    });

    /// <summary>Text that can be compressed, but not to nothing.</summary>
    private static byte[] Text(int seed, int length)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next('a', 'i'))];
    }

    private static async Task<RawResponse> ExchangeAsync(FrontHarness front, string accept, byte[] body, params (string Name, string Value)[] fields)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync($"GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: {accept}\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Answer(stream, 200, body, fields);
        return await connection.ReadResponseAsync();
    }
}
