using System.Text;
using Darter.Testing.Http;

namespace Darter.Server.Tests.Proxying;

/// <summary>Requests that two servers could read differently: either they are refused, or the next server gets one that has one reading.</summary>
public class SmugglingTests
{
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

    public static TheoryData<string, string> Shapes => new()
    {
        { "length and coding", $"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{Smuggled}" },
        { "coding and length", $"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n{Smuggled}" },
        { "two codings", $"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{Smuggled}" },
        { "two codings in a line", $"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n{Smuggled}" },
        { "an unknown coding", $"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\nabc{Smuggled}" },
        { "a coding with a tab", $"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\tchunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n{Smuggled}" },
        { "a coding with a vertical tab", $"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \u000bchunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n{Smuggled}" },
        { "a name with a space", $"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n{Smuggled}" },
        { "a name with a space before it", $"POST / HTTP/1.1\r\nHost: h\r\n Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n{Smuggled}" },
        { "a folded line", $"POST / HTTP/1.1\r\nHost: h\r\nX: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n{Smuggled}" },
        { "a folded coding", $"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n{Smuggled}" },
        { "a line feed alone", $"POST / HTTP/1.1\r\nHost: h\r\nX: y\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n{Smuggled}" },
        { "line feeds alone", "GET / HTTP/1.1\nHost: h\n\nGET /smuggled HTTP/1.1\nHost: h\n\n" },
        { "a carriage return alone", $"POST / HTTP/1.1\r\nHost: h\r\nX: y\rTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n{Smuggled}" },
        { "a zero", $"POST / HTTP/1.1\r\nHost: h\r\nX: y\0z\r\nContent-Length: 3\r\n\r\nabc" },
        { "two lengths", $"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 40\r\n\r\nabc{Smuggled}" },
        { "two lengths in a line", $"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc{Smuggled}" },
        { "a length with a sign", $"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc{Smuggled}" },
        { "a length in another base", $"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x3\r\n\r\nabc{Smuggled}" },
        { "a length below zero", $"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n{Smuggled}" },
        { "a coding in HTTP/1.0", $"POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n{Smuggled}" },
        { "two hosts", $"GET / HTTP/1.1\r\nHost: h\r\nHost: other\r\n\r\n" },
        { "no host", "GET / HTTP/1.1\r\n\r\n" },
        { "a target with a space", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n" },
        { "a version that is none", "GET / HTTP/1.1\u00a0\r\nHost: h\r\n\r\n" },
        { "a chunk's size with a sign", $"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n{Smuggled}" },
        { "a chunk's size in another base", $"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n{Smuggled}" },
        { "a chunk that is too long", $"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX0\r\n\r\n{Smuggled}" },
        { "a chunk's end of a line feed", $"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n{Smuggled}" },
        { "a chunk's size beyond 64 bits", $"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000003\r\nabc\r\n0\r\n\r\n{Smuggled}" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Shape_ThatHasTwoReadings_IsRefused(string shape, string request)
    {
        await using SocketUpstream upstream = SocketUpstream.Answering("HTTP/1.1 204 No Content\r\n\r\n");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        await using RawConnection client = await RawConnection.OpenAsync(proxy.Address);
        await client.WriteAsync(request);
        string answers = Encoding.Latin1.GetString(await client.ReadToEndAsync());
        Assert.True(answers.Length == 0 || answers.StartsWith("HTTP/1.1 4", StringComparison.Ordinal) || answers.StartsWith("HTTP/1.1 501", StringComparison.Ordinal), $"{shape}: {answers}");
        Assert.DoesNotContain("smuggled", upstream.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chunks_WithExtensionsAndTrailers_ArePassedOnWithout()
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(async context =>
        {
            using StreamReader reader = new(context.Request.Body);
            string body = await reader.ReadToEndAsync();
            byte[] answer = Encoding.ASCII.GetBytes($"{body} {context.Request.Headers.ContentLength} {context.Request.Headers.TransferEncoding} {context.Request.Headers["X-Trailer"]}");
            await context.Response.Body.WriteAsync(answer);
        });
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        RawResponse response = await RawConnection.ExchangeAsync(
            proxy.Address,
            "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3;a=\"\\r\\n\"\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n",
            "POST");
        Assert.Equal("abcde  chunked ", response.Text);
    }

    [Fact]
    public async Task Requests_OfOneConnection_StayApart()
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(async context =>
        {
            using StreamReader reader = new(context.Request.Body);
            byte[] answer = Encoding.ASCII.GetBytes($"{context.Request.Path} {await reader.ReadToEndAsync()}");
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer);
        });
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        await using RawConnection client = await RawConnection.OpenAsync(proxy.Address);
        await client.WriteAsync($"POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: {Smuggled.Length}\r\n\r\n{Smuggled}GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal($"/1 {Smuggled}", (await client.ReadResponseAsync("POST")).Text);
        Assert.Equal("/2 ", (await client.ReadResponseAsync()).Text);
        Assert.Equal(2, upstream.Requests);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n")]
    public async Task Answer_WithTwoLengths_HasOneForTheClient(string answer)
    {
        await using SocketUpstream upstream = SocketUpstream.Answering(answer);
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        RawResponse response = await RawConnection.ExchangeAsync(proxy.Address, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        Assert.Equal(("abc", null), (response.Text, response["content-length"]));
    }
}
