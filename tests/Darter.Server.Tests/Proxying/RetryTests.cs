using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Darter.Server.Configuration;
using Darter.Testing;
using Darter.Testing.Http;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Tests.Proxying;

/// <summary>Destinations that fail.</summary>
public class RetryTests
{
    private const string Fine = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "")]
    [InlineData("POST", "")]
    [InlineData("POST", "a body")]
    [InlineData("PUT", "a body")]
    public async Task Destination_ThatCannotBeReached_CostsNoRequest(string method, string body)
    {
        await using HttpUpstream alive = await HttpUpstream.StartAsync(async context =>
        {
            using StreamReader reader = new(context.Request.Body);
            await context.Response.WriteAsync($"{context.Request.Method} {await reader.ReadToEndAsync()}");
        });
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(new UpstreamConfig
        {
            Destinations = [alive.Destination, HttpUpstream.At($"http://127.0.0.1:{UnusedPort()}")],
            Policy = UpstreamPolicy.RoundRobin,
            Passive = null,
        });
        for (int i = 0; i < 6; i++)
        {
            using HttpRequestMessage request = new(new HttpMethod(method), "/") { Content = body.Length == 0 ? null : new StringContent(body) };
            using HttpResponseMessage response = await proxy.Http.SendAsync(request, Cancellation);
            Assert.Equal($"{method} {body}", await response.Content.ReadAsStringAsync(Cancellation));
        }

        Assert.Equal(6, alive.Requests);
        await proxy.LoggedAsync("is tried");
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    [InlineData("PUT", "a small body")]
    public async Task Request_ThatMayBeRepeated_IsAnsweredByAnother(string method, string body)
    {
        // Takes the request and breaks off without an answer.
        await using SocketUpstream breaking = SocketUpstream.Start(async (upstream, socket) => await upstream.ReadHeadAsync(socket));
        await using HttpUpstream alive = await HttpUpstream.StartAsync(async context =>
        {
            using StreamReader reader = new(context.Request.Body);
            await context.Response.WriteAsync(await reader.ReadToEndAsync());
        });
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(Both(breaking.Destination, alive.Destination));
        for (int i = 0; i < 6; i++)
        {
            using HttpRequestMessage request = new(new HttpMethod(method), "/") { Content = body.Length == 0 ? null : new StringContent(body) };
            using HttpResponseMessage response = await proxy.Http.SendAsync(request, Cancellation);
            Assert.Equal((HttpStatusCode.OK, body), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation)));
        }

        Assert.True(breaking.Connections > 0);
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("PATCH / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("PUT / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    public async Task Request_ThatMayNotBeRepeated_Is502AndSentOnce(string request)
    {
        // The first request of a connection is answered: the second one comes on a connection that was kept.
        await using SocketUpstream first = SocketUpstream.Start(AnswerOnceThenBreakOffAsync);
        await using SocketUpstream second = SocketUpstream.Start(AnswerOnceThenBreakOffAsync);
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(Both(first.Destination, second.Destination));
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("fine", await proxy.Http.GetStringAsync("/", Cancellation));
        }

        RawResponse response = await RawConnection.ExchangeAsync(proxy.Address, request, request.Split(' ')[0]);
        Assert.Equal(502, response.Status);
        string method = request.Split(' ')[0];
        Assert.Equal(1, Count(first.Received + second.Received, $"{method} / HTTP/1.1\r\n"));
        await proxy.LoggedAsync($"{method} /, answered 502");
        Assert.Contains(proxy.Log, line => line.StartsWith("Error: Upstream shop: http://127.0.0.1:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Retries_OfZero_TryNoOther()
    {
        await using SocketUpstream first = SocketUpstream.Start(async (upstream, socket) => await upstream.ReadHeadAsync(socket));
        await using SocketUpstream second = SocketUpstream.Start(async (upstream, socket) => await upstream.ReadHeadAsync(socket));
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(Both(first.Destination, second.Destination) with { Retries = 0 });
        using HttpResponseMessage response = await proxy.Http.GetAsync("/", Cancellation);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.True(first.Connections == 0 || second.Connections == 0);
    }

    [Fact]
    public async Task Destinations_ThatAllFail_AreEachTriedOnce()
    {
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(Both(HttpUpstream.At($"http://127.0.0.1:{UnusedPort()}"), HttpUpstream.At($"http://127.0.0.1:{UnusedPort()}")));
        using HttpResponseMessage response = await proxy.Http.GetAsync("/", Cancellation);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("502 Bad Gateway\n", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.All(proxy.Destinations, destination => Assert.Equal((1L, 1L), (destination.Requests, destination.Failures)));
        await proxy.LoggedAsync("the last of 2 destinations tried");
    }

    [Fact]
    public async Task Destination_ThatIsSilent_Is504AndNobodyElseIsAsked()
    {
        await using SocketUpstream first = SocketUpstream.Start(SilentAsync);
        await using SocketUpstream second = SocketUpstream.Start(SilentAsync);
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(Both(first.Destination, second.Destination) with { ActivityTimeout = TimeSpan.FromMilliseconds(100) });
        using HttpResponseMessage response = await proxy.Http.GetAsync("/", Cancellation);
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);

        // None on a machine that is so busy that the time is over before.
        Assert.InRange(Count(first.Received + second.Received, "GET /"), 0, 1);
        await proxy.LoggedAsync("it was silent for too long");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive.")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfive.\r\n")]
    public async Task Answer_ThatBreaksOff_IsBrokenOffForTheClientToo(string answer)
    {
        await using SocketUpstream breaking = SocketUpstream.Start(async (upstream, socket) =>
        {
            await upstream.ReadHeadAsync(socket);
            await socket.SendAsync(Encoding.ASCII.GetBytes(answer));
        });
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(breaking.Destination);
        await using RawConnection client = await RawConnection.OpenAsync(proxy.Address);
        await client.WriteAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        string received = Encoding.ASCII.GetString(await client.ReadToEndAsync());
        Assert.DoesNotContain("0\r\n\r\n", received, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 ", received, StringComparison.Ordinal);
        await proxy.LoggedAsync("in the middle of the response");
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA\u0001B: c\r\nContent-Length: 0\r\n\r\n")]
    public async Task Answer_ThatIsNone_Is502(string answer)
    {
        await using SocketUpstream upstream = SocketUpstream.Answering(answer);
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        using HttpResponseMessage response = await proxy.Http.GetAsync("/", Cancellation);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        await proxy.LoggedAsync("answered 502");
    }

    [Fact]
    public async Task Destination_KilledUnderLoad_CostsOnlyWhatItWasExecuting()
    {
        await using HttpUpstream alive = await HttpUpstream.StartAsync("alive");
        HttpUpstream dying = await HttpUpstream.StartAsync("dying");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(Both(dying.Destination, alive.Destination));
        int answered = 0;
        using CancellationTokenSource end = new();
        Task[] clients = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                using HttpResponseMessage response = await proxy.Http.GetAsync("/");
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Interlocked.Increment(ref answered);
            }
        }))];
        await Wait.Until(() => dying.Requests > 50, "the load");
        await dying.DisposeAsync();
        int before = Volatile.Read(ref answered);
        await Wait.Until(() => Volatile.Read(ref answered) > before + 200, "the load to go on");
        await end.CancelAsync();
        await Wait.For(Task.WhenAll(clients), "the clients");
    }

    private static UpstreamConfig Both(UpstreamDestination first, UpstreamDestination second) =>
        new() { Destinations = [first, second], Policy = UpstreamPolicy.RoundRobin, Passive = null };

    private static async Task AnswerOnceThenBreakOffAsync(SocketUpstream upstream, Socket socket)
    {
        await upstream.ReadHeadAsync(socket);
        await socket.SendAsync(Encoding.ASCII.GetBytes(Fine));
        await upstream.ReadHeadAsync(socket);
    }

    private static async Task SilentAsync(SocketUpstream upstream, Socket socket)
    {
        await upstream.ReadHeadAsync(socket);
        await upstream.ReadHeadAsync(socket);
    }

    private static int Count(string text, string what) => text.Split(what).Length - 1;

    // Bound, but nobody listens: nobody else gets the port.
    private static int UnusedPort()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        s_bound.Add(socket);
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static readonly ConcurrentBag<Socket> s_bound = [];
}
