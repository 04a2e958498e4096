using System.Net;
using System.Text;
using Darter.Server.Configuration;
using Darter.Server.Proxies;
using Darter.Testing;
using Darter.Testing.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using HttpProtocol = Darter.Testing.Http.HttpProtocol;

namespace Darter.Server.Tests.Proxying;

/// <summary>What a destination sees of a request, and a client of its answer.</summary>
public class ForwardingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/a%2Fb/../%41/%c3%a4?x=%20+&y=/../")]
    [InlineData("//double//slash")]
    [InlineData("/a?")]
    public async Task Target_OfARequest_IsPassedOnAsItIs(string target)
    {
        await using SocketUpstream upstream = SocketUpstream.Answering("HTTP/1.1 204 No Content\r\n\r\n");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        RawResponse response = await RawConnection.ExchangeAsync(proxy.Address, $"GET {target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
        Assert.Equal(204, response.Status);
        Assert.StartsWith($"GET {target} HTTP/1.1\r\n", upstream.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://other.example/a?b", "/a?b")]
    [InlineData("http://other.example", "/")]
    [InlineData("http://other.example?b", "/?b")]
    public async Task Target_InTheAbsoluteForm_IsPassedOnAsAPath(string target, string expected)
    {
        await using SocketUpstream upstream = SocketUpstream.Answering("HTTP/1.1 204 No Content\r\n\r\n");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        RawResponse response = await RawConnection.ExchangeAsync(proxy.Address, $"GET {target} HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n");
        Assert.Equal(204, response.Status);
        Assert.StartsWith($"GET {expected} HTTP/1.1\r\n", upstream.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Hop")]
    [InlineData("TE, X-Hop")]
    [InlineData("close, X-Hop")]
    [InlineData("X-Hop,Close")]
    [InlineData("keep-alive, X-Hop")]
    [InlineData("Keep-Alive, x-hop, close")]
    public async Task Fields_OfTheConnection_StayBehind(string connection)
    {
        await using SocketUpstream upstream = SocketUpstream.Answering(
            "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nConnection: X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=9\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Ok: \u00e4\r\n\r\nok");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        RawResponse response = await RawConnection.ExchangeAsync(
            proxy.Address,
            $"GET / HTTP/1.1\r\nHost: h\r\nConnection: {connection}\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\nUpgrade: foo\r\na_b: 1\r\nX-Text: \u00fc\r\nCookie: c=1\r\n\r\n");
        Assert.Equal((200, "Fine", "ok", "\u00e4"), (response.Status, response.Reason, response.Text, response["x-ok"]));
        Assert.Equal(["a=1", "b=2"], response.All("set-cookie"));
        Assert.Null(response["x-secret"]);
        Assert.Null(response["keep-alive"]);
        string head = upstream.Received;
        foreach (string name in (string[])["X-Hop", "Keep-Alive", "Proxy-Connection", "TE", "Upgrade", "a_b", "Connection"])
        {
            Assert.DoesNotContain($"\r\n{name}:", head, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Contains("\r\nX-Text: \u00fc\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nCookie: c=1\r\n", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "h.example")]
    [InlineData(true, "h.example")]
    [InlineData(false, null)]
    public async Task Host_OfTheClient_IsPassedOnUnlessToldOtherwise(bool? passHost, string? expected)
    {
        await using SocketUpstream upstream = SocketUpstream.Answering("HTTP/1.1 204 No Content\r\n\r\n");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(new UpstreamConfig { Destinations = [upstream.Destination], PassHost = passHost });
        await RawConnection.ExchangeAsync(proxy.Address, "GET / HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n\r\n");
        Assert.Contains($"\r\nHost: {expected ?? upstream.Destination.Address["http://".Length..]}\r\n", upstream.Received, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Forwarded-Host: h.example\r\n", upstream.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "203.0.113.9, 127.0.0.1", "203.0.113.9", "https", "www.example", "for=203.0.113.9, for=127.0.0.1")]
    [InlineData(false, "127.0.0.1", "127.0.0.1", "http", "h.example", null)]
    public async Task Client_OfARequest_IsToldAsTrustAllows(bool isTrusted, string chain, string address, string scheme, string host, string? forwarded)
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(context => context.Response.WriteAsync(string.Join('|', (string[])
        [
            context.Request.Headers["X-Forwarded-For"].ToString(), context.Request.Headers["X-Real-IP"].ToString(), context.Request.Headers["X-Forwarded-Proto"].ToString(),
            context.Request.Headers["X-Forwarded-Host"].ToString(), context.Request.Headers["Forwarded"].ToString(), context.Request.Headers["X-Forwarded-Ssl"].ToString(),
        ])));
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(
            new UpstreamConfig { Destinations = [upstream.Destination] },
            config => config with { Proxy = new ProxyConfig { Forwarders = isTrusted ? TrustedAddresses.Loopback : TrustedAddresses.None } });
        RawResponse response = await RawConnection.ExchangeAsync(
            proxy.Address,
            "GET / HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\nX-Forwarded-For: 203.0.113.9\r\nX-Real-IP: 8.8.8.8\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Ssl: on\r\nX-Forwarded-Host: www.example\r\nForwarded: for=203.0.113.9\r\n\r\n");
        Assert.Equal(string.Join('|', (string[])[chain, address, scheme, host, forwarded ?? "", isTrusted ? "on" : ""]), response.Text);
    }

    [Fact]
    public async Task Fields_ThatContradictEachOther_Are400()
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync("a");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        RawResponse response = await RawConnection.ExchangeAsync(
            proxy.Address, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off\r\n\r\n");
        Assert.Equal((400, 0), (response.Status, upstream.Requests));
        await proxy.LoggedAsync("--secure-scheme-headers");
    }

    [Theory]
    [InlineData(HttpProtocol.Http1, UpstreamHttpVersion.Auto, HttpProtocols.Http1)]
    [InlineData(HttpProtocol.Http1, UpstreamHttpVersion.Http2, HttpProtocols.Http2)]
    [InlineData(HttpProtocol.Http2, UpstreamHttpVersion.Http11, HttpProtocols.Http1)]
    [InlineData(HttpProtocol.Http2, UpstreamHttpVersion.Http2, HttpProtocols.Http2)]
    public async Task Bodies_OfAllSizes_GoBothWays(HttpProtocol client, UpstreamHttpVersion version, HttpProtocols protocols)
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(
            async context =>
            {
                // A client that has not sent all of its request need not read the answer.
                using MemoryStream body = new();
                await context.Request.Body.CopyToAsync(body);
                await context.Response.Body.WriteAsync(body.ToArray());
            },
            protocols);
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(new UpstreamConfig { Destinations = [upstream.Destination], HttpVersion = version });
        using HttpClient http = ServerClient.Create(proxy.Address, client);
        foreach (int size in (int[])[0, 1, 70_000, 3_000_000])
        {
            byte[] body = new byte[size];
            Random.Shared.NextBytes(body);
            foreach (bool chunked in (bool[])[false, true])
            {
                using HttpRequestMessage request = new(HttpMethod.Post, "/") { Content = chunked ? new StreamContent(new Unseekable(body)) : new ByteArrayContent(body) };
                request.Version = http.DefaultRequestVersion;
                request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
                using HttpResponseMessage response = await http.SendAsync(request, Cancellation);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.Equal(body, await response.Content.ReadAsByteArrayAsync(Cancellation));
            }
        }
    }

    [Fact]
    public async Task Grpc_ToAnUpstreamWithoutTls_IsHttp2WithTrailersAndStreamsBothWays()
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(
            async context =>
            {
                Assert.Equal("HTTP/2", context.Request.Protocol);
                context.Response.ContentType = "application/grpc";
                await context.Response.Body.FlushAsync();
                byte[] buffer = new byte[100];
                while (await context.Request.Body.ReadAsync(buffer) is > 0 and int read)
                {
                    await context.Response.Body.WriteAsync(buffer.AsMemory(0, read));
                    await context.Response.Body.FlushAsync();
                }

                context.Response.AppendTrailer("grpc-status", "0");
            },
            HttpProtocols.Http2);
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        using HttpClient http = ServerClient.Create(proxy.Address, HttpProtocol.Http2);
        using Duplex duplex = new("application/grpc");
        using HttpRequestMessage request = new(HttpMethod.Post, "/Greeter/Talk") { Content = duplex, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TE.ParseAdd("trailers");
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Stream answer = await response.Content.ReadAsStreamAsync(Cancellation);
        for (int i = 0; i < 3; i++)
        {
            // Each message is answered before the next one is sent.
            await duplex.WriteAsync($"message {i}");
            byte[] received = new byte["message 0".Length];
            await Wait.For(answer.ReadExactlyAsync(received, Cancellation).AsTask(), "the message to come back");
            Assert.Equal($"message {i}", Encoding.UTF8.GetString(received));
        }

        duplex.End();
        Assert.Equal(0, await answer.ReadAsync(new byte[1], Cancellation));
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Theory]
    [InlineData(UpstreamHttpVersion.Auto, HttpProtocols.Http1)]
    [InlineData(UpstreamHttpVersion.Http2, HttpProtocols.Http2)]
    public async Task Response_OfAStream_IsPassedOnPieceByPiece_AndCancelledWithItsClient(UpstreamHttpVersion version, HttpProtocols protocols)
    {
        TaskCompletionSource aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using SemaphoreSlim gate = new(0);
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(
            async context =>
            {
                using CancellationTokenRegistration registration = context.RequestAborted.Register(() => aborted.TrySetResult());
                await context.Response.Body.FlushAsync();
                for (int i = 0; i < 3; i++)
                {
                    await gate.WaitAsync(context.RequestAborted);
                    await context.Response.WriteAsync($"piece {i}");
                    await context.Response.Body.FlushAsync();
                }

                await aborted.Task;
            },
            protocols);
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(new UpstreamConfig { Destinations = [upstream.Destination], HttpVersion = version });
        await using RawConnection client = await RawConnection.OpenAsync(proxy.Address);
        await client.WriteAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");

        // The head comes before there is anything of the body, and each piece before the next one is there.
        RawResponse head = await client.ReadHeadAsync();
        Assert.Equal(200, head.Status);
        for (int i = 0; i < 3; i++)
        {
            gate.Release();
            Assert.Equal($"piece {i}", Encoding.ASCII.GetString(await client.ReadChunkAsync()));
        }

        client.Abort();
        await Wait.For(aborted.Task, "the destination to be told");
        await Wait.Until(() => proxy.Destinations[0] is { Running: 0, Failures: 0 }, "the request to end");
    }

    [Fact]
    public async Task Response_WhoseBodyNeverComes_IsBrokenOff()
    {
        await using SocketUpstream upstream = SocketUpstream.Start(async (recorder, socket) =>
        {
            await recorder.ReadHeadAsync(socket);
            await socket.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
            await recorder.ReadHeadAsync(socket);
        });
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(new UpstreamConfig { Destinations = [upstream.Destination], ActivityTimeout = TimeSpan.FromSeconds(5) });
        await using RawConnection client = await RawConnection.OpenAsync(proxy.Address);
        await client.WriteAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, (await client.ReadHeadAsync()).Status);
        Assert.True(await client.IsClosedAsync());
        await proxy.LoggedAsync("in the middle of the response");
    }

    [Fact]
    public async Task Memory_OfASlowClient_IsBounded()
    {
        long written = 0;
        TaskCompletionSource aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(async context =>
        {
            context.RequestAborted.Register(() => aborted.TrySetResult());
            byte[] piece = new byte[64 * 1024];
            try
            {
                for (int i = 0; i < 16_000; i++)
                {
                    await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                    Interlocked.Add(ref written, piece.Length);
                }
            }
            catch (OperationCanceledException)
            {
                // As expected.
            }
        });
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        await using RawConnection client = await RawConnection.OpenAsync(proxy.Address, receiveBuffer: 16 * 1024);
        await client.WriteAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        await client.ReadHeadAsync();

        // It stands still once all buffers on the way are full.
        long before = -1;
        int looks = 0;
        await Wait.Until(
            () =>
            {
                long now = Interlocked.Read(ref written);
                looks = now == before ? looks + 1 : 0;
                before = now;
                return looks == 20;
            },
            () => "the destination to be stopped");
        Assert.InRange(Interlocked.Read(ref written), 1, 64L * 1024 * 1024);
        client.Abort();
        await Wait.For(aborted.Task, "the destination to be told");
    }

    [Fact]
    public async Task Body_BeyondTheLimit_Is413()
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
        });
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(new UpstreamConfig { Destinations = [upstream.Destination] }, config => config with { LimitRequestBody = 1000 });
        await using RawConnection client = await RawConnection.OpenAsync(proxy.Address);
        await client.WriteAsync($"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{2000:x}\r\n{new string('x', 2000)}\r\n0\r\n\r\n");
        RawResponse response = await client.ReadResponseAsync("POST");
        Assert.Equal(413, response.Status);
        Assert.True(response.IsLast);
        Assert.Equal(0, proxy.Destinations[0].Failures);
    }

    [Fact]
    public async Task Destination_AtAUnixSocket_IsServedFrom()
    {
        string folder = Directory.CreateTempSubdirectory("darter").FullName;
        try
        {
            string socket = Path.Combine(folder, "s");
            await using HttpUpstream upstream = await HttpUpstream.StartAsync(context => context.Response.WriteAsync(context.Request.Host.Value!), socket: socket);
            await using ProxyHarness proxy = await ProxyHarness.StartAsync(HttpUpstream.At($"unix:{socket}"));
            Assert.Equal(proxy.Address.Authority, await proxy.Http.GetStringAsync("/", Cancellation));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Method_OfNoStandard_IsPassedOn()
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(context => context.Response.WriteAsync($"{context.Request.Method} {context.Request.ContentLength}"));
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        RawResponse response = await RawConnection.ExchangeAsync(proxy.Address, "PROPFIND / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        Assert.Equal("PROPFIND 0", response.Text);
    }

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
