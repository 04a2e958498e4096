using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Darter.Transport.Tests;

/// <summary>HTTP over the transport, with Kestrel.</summary>
public sealed class HttpTests
{
    [Theory]
    [InlineData(AddressKind.IPv4)]
    [InlineData(AddressKind.IPv6)]
    [InlineData(AddressKind.Unix)]
    public async Task KeepAlive_ManyRequests_AreAnsweredInTurn(AddressKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(Applications.EchoPath, kind);
        using TestClient client = await server.ConnectAsync();

        for (int i = 0; i < 500; i++)
        {
            await client.GetAsync($"/{i}");
            Assert.EndsWith($"\r\n\r\n/{i}", await client.ReadResponseAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task KeepAlive_EveryRequest_RunsOnTheConnectionsLoop()
    {
        int elsewhere = 0;
        await using TestServer server = await TestServer.StartAsync(
            features =>
            {
                EventLoop? loop = features.Get<IEventLoopFeature>()?.Loop;
                if (loop is null || !loop.IsCurrent)
                {
                    elsewhere++;
                }

                return Applications.EchoPath(features);
            },
            loops: 2);

        for (int i = 0; i < 50; i++)
        {
            using TestClient client = await server.ConnectAsync();
            for (int j = 0; j < 5; j++)
            {
                await client.GetAsync();
                await client.ReadResponseAsync();
            }
        }

        Assert.Equal(0, elsewhere);
    }

    [Fact]
    public async Task KeepAlive_ApplicationGoesOnElsewhere_ReturnsToTheLoopWithTheNextRequest()
    {
        int elsewhere = 0;
        await using TestServer server = await TestServer.StartAsync(async features =>
        {
            if (!features.GetRequiredFeature<IEventLoopFeature>().Loop.IsCurrent)
            {
                elsewhere++;
            }

            await Task.Yield();
            await Task.Run(() => { });
            await Applications.EchoPath(features);
        });
        using TestClient client = await server.ConnectAsync();

        for (int i = 0; i < 200; i++)
        {
            await client.GetAsync();
            await client.ReadResponseAsync();
        }

        Assert.Equal(0, elsewhere);
    }

    [Theory]
    [InlineData(AddressKind.IPv4)]
    [InlineData(AddressKind.Unix)]
    public async Task Pipelining_ManyRequestsAtOnce_AreAnsweredInOrder(AddressKind kind)
    {
        const int Count = 3000;
        await using TestServer server = await TestServer.StartAsync(Applications.EchoPath, kind);
        using TestClient client = await server.ConnectAsync();

        Task sending = client.SendAsync(string.Concat(Enumerable.Range(0, Count).Select(i => $"GET /{i} HTTP/1.1\r\nHost: test\r\n\r\n")));
        for (int i = 0; i < Count; i++)
        {
            Assert.EndsWith($"\r\n\r\n/{i}", await client.ReadResponseAsync(), StringComparison.Ordinal);
        }

        await sending;
    }

    [Fact]
    public async Task Request_InSinglePieces_IsPutTogether()
    {
        await using TestServer server = await TestServer.StartAsync(Applications.Checksum);
        using TestClient client = await server.ConnectAsync();
        Checksum expected = new();
        expected.Add("hello"u8);

        foreach (char character in "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello")
        {
            await client.SendAsync(character.ToString());
        }

        Assert.EndsWith(expected.ToString(), await client.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AddressKind.IPv4)]
    [InlineData(AddressKind.Unix)]
    public async Task HalfClose_ByTheClient_GetsItsAnswer(AddressKind kind)
    {
        TaskCompletionSource running = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(
            async features =>
            {
                running.SetResult();
                await answer.Task;
                await Applications.EchoPath(features);
            },
            kind);
        using TestClient client = await server.ConnectAsync();

        // The end arrives while the application is at work, and with a handful of passes of the loop after it.
        await client.GetAsync("/late");
        await Wait.For(running.Task, "the application");
        client.Socket.Shutdown(SocketShutdown.Send);
        for (int i = 0; i < 10; i++)
        {
            await server.Loops[0].RunAsync(() => { });
        }

        answer.SetResult();

        Assert.EndsWith("/late", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HalfClose_WithTheRequest_GetsItsAnswer()
    {
        await using TestServer server = await TestServer.StartAsync(Applications.EchoPath);
        for (int i = 0; i < 50; i++)
        {
            using TestClient client = await server.ConnectAsync();
            await client.GetAsync("/now");
            client.Socket.Shutdown(SocketShutdown.Send);

            Assert.EndsWith("/now", await client.ReadToEndAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(AddressKind.IPv4)]
    [InlineData(AddressKind.Unix)]
    public async Task ClientGone_WhileTheApplicationRuns_CancelsTheRequest(AddressKind kind)
    {
        TaskCompletionSource running = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(
            async features =>
            {
                features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted.Register(aborted.SetResult);
                running.SetResult();
                await aborted.Task;
            },
            kind);
        TestClient client = await server.ConnectAsync();
        await client.GetAsync();
        await Wait.For(running.Task, "the application");

        client.Socket.Close(timeout: 0);

        await Wait.For(aborted.Task, "RequestAborted");
    }

    [Fact]
    public async Task Abort_ByTheApplication_ResetsTheConnection()
    {
        await using TestServer server = await TestServer.StartAsync(features =>
        {
            features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();
            return Task.CompletedTask;
        });
        using TestClient client = await server.ConnectAsync();
        await client.GetAsync();

        SocketException exception = await Assert.ThrowsAsync<SocketException>(client.ReadToEndAsync);

        Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
    }

    [Fact]
    public async Task EndPoints_OfATcpConnection_AreBothSides()
    {
        await using TestServer server = await TestServer.StartAsync(features =>
        {
            IHttpConnectionFeature connection = features.GetRequiredFeature<IHttpConnectionFeature>();
            return Applications.RespondAsync(features, $"{connection.LocalIpAddress}:{connection.LocalPort} {connection.RemoteIpAddress}:{connection.RemotePort}");
        });
        using TestClient client = await server.ConnectAsync();
        await client.GetAsync();

        Assert.EndsWith($"\r\n\r\n{server.EndPoint} {client.Socket.LocalEndPoint}", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_WithIdleConnections_EndsThemAndIsQuick()
    {
        await using TestServer server = await TestServer.StartAsync(Applications.EchoPath);
        TestClient[] clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.ConnectAsync()));
        foreach (TestClient client in clients)
        {
            await client.GetAsync();
            await client.ReadResponseAsync();
        }

        await server.StopAsync();

        foreach (TestClient client in clients)
        {
            Assert.Equal("", await client.ReadToEndAsync());
            client.Dispose();
        }
    }

    [Fact]
    public async Task Http2_ManyConcurrentStreams_AreAnswered()
    {
        await using TestServer server = await TestServer.StartAsync(Applications.Checksum, protocols: HttpProtocols.Http2);
        using HttpClient client = new(new SocketsHttpHandler { EnableMultipleHttp2Connections = false })
        {
            BaseAddress = new Uri($"http://{server.EndPoint}"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        async Task RequestAsync(int size)
        {
            byte[] body = new byte[size];
            new Random(size).NextBytes(body);
            Checksum expected = new();
            expected.Add(body);
            using ByteArrayContent content = new(body);
            using HttpResponseMessage response = await client.PostAsync(new Uri("/", UriKind.Relative), content);
            Assert.Equal(HttpVersion.Version20, response.Version);
            Assert.Equal(expected.ToString(), await response.Content.ReadAsStringAsync());
        }

        for (int round = 0; round < 5; round++)
        {
            await Wait.For(Task.WhenAll(Enumerable.Range(0, 80).Select(i => RequestAsync(i * i * 60))), "80 requests");
        }
    }

    [Fact]
    public async Task Http2_LargeResponses_ArriveWhole()
    {
        const int Size = 3_000_000;
        byte[] body = new byte[Size];
        new Random(1).NextBytes(body);
        await using TestServer server = await TestServer.StartAsync(
            async features => await features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(body),
            protocols: HttpProtocols.Http2);
        using HttpClient client = new()
        {
            BaseAddress = new Uri($"http://{server.EndPoint}"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        byte[][] responses = await Wait.For(
            Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.GetByteArrayAsync(new Uri("/", UriKind.Relative)))),
            "20 large responses");

        Assert.All(responses, response => Assert.Equal(body, response));
    }
}
