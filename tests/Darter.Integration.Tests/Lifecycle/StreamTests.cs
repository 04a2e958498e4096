using System.Net.WebSockets;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Lifecycle;

/// <summary>WebSockets and event streams outlive a reload, and are ended by a stop.</summary>
public class StreamTests(ServerPool pool) : LifecycleTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task WebSocket_StaysWithItsWorkerOverAReload(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("asgi", 1, "--graceful-stream-timeout", "1000");
        using ClientWebSocket socket = await ConnectAsync(server, protocol, $"/?port={gate.Port}");
        Assert.Equal("1", await AskAsync(socket));
        for (int version = 2; version <= 4; version++)
        {
            SetVersion($"{version}");
            await ReloadAsync();
            Assert.Equal($"{version}", await VersionAsync(server));
            Assert.Equal("1", await AskAsync(socket));
        }

        Assert.Equal("1:leaving", await WorkersAsync(generation: 1));
        await WaitForWorkersAsync("1:leaving 1:ready", server);

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
        await gate.ReachedAsync("left");
        await WaitForWorkersAsync("1:ready", server);
        Assert.Equal(0, CountLines(server, "[ERROR]"));
    }

    [Fact]
    public async Task WebSocket_ThatStaysTooLong_IsClosedWith1012()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(
            Options("asgi", 1, "--graceful-timeout", "0.2") with { Environment = new Dictionary<string, string?> { ["RELOAD_GATE"] = $"{gate.Port}" } });
        using ClientWebSocket socket = await ConnectAsync(server, HttpProtocol.Http1, $"/?port={gate.Port}");
        await ReloadAsync();

        Assert.Equal(1012, await ReceiveCloseAsync(socket));

        Assert.Equal("""{"code": 1012, "reason": "", "type": "websocket.disconnect"}""", (await gate.ReachedAsync("left")).Text);
        Assert.Equal("1", (await gate.ReachedAsync("shutdown")).Text);
        await WaitForWorkersAsync("1:ready", server);
        Assert.Equal(0, CountLines(server, "[ERROR]"));
        Assert.Equal(0, CountLines(server, "is killed"));
    }

    [Fact]
    public async Task WebSocket_WithALongerLimit_OutlivesTheGracefulTimeout()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("asgi", 1, "--graceful-timeout", "0.1", "--graceful-stream-timeout", "1000");
        using ClientWebSocket socket = await ConnectAsync(server, HttpProtocol.Http1, $"/?port={gate.Port}");
        await using RawConnection other = await RawConnection.OpenAsync(server.Address);
        await ReloadAsync();

        // Another worker, with a request only, is killed at the graceful timeout; so this one's has passed.
        await other.WriteAsync(Get($"/wait?port={gate.Port}"));
        await gate.ReachedAsync("waiting");
        await ReloadAsync();
        Assert.Equal(502, (await other.ReadResponseAsync()).Status);

        Assert.Equal("1", await AskAsync(socket));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
        await WaitForWorkersAsync("1:ready", server);
    }

    [Fact]
    public async Task Stop_WithAWebSocketOfAnOldGeneration_ClosesItWith1001()
    {
        DarterServer server = await StartAsync("asgi", 1, "--graceful-timeout", "1000");
        using ClientWebSocket socket = await ConnectAsync(server, HttpProtocol.Http1, "/");
        await ReloadAsync();
        server.Send(Signal.Terminate);
        Assert.Equal(1001, await ReceiveCloseAsync(socket));
        await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, Cancellation);
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Theory]
    [MemberData(nameof(Interfaces))]
    public async Task EventStream_StaysWithItsWorkerOverAReload(string application)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(application, 1, "--graceful-stream-timeout", "1000");
        await using RawConnection events = await RawConnection.OpenAsync(server.Address);
        await events.WriteAsync(Get($"/events?port={gate.Port}"));
        Assert.Equal(200, (await events.ReadHeadAsync()).Status);
        Assert.Equal("data: 1\n\n"u8.ToArray(), await events.ReadChunkAsync());
        Gate.Arrival arrival = await gate.ReachedAsync("event");
        SetVersion("2");

        await ReloadAsync();

        Assert.Equal("2", await VersionAsync(server));
        Assert.Equal(1, (int)(await StatusAsync())["workers"]!.AsArray().Single(worker => (int)worker!["generation"]! == 1)!["streams"]!);
        arrival.Release();
        Assert.Equal("data: 1 again\n\n"u8.ToArray(), await events.ReadChunkAsync());
        events.Abort();
        await WaitForWorkersAsync("1:ready", server);
        Assert.Equal(0, CountLines(server, "[ERROR]"));
    }

    [Fact]
    public async Task EventStream_ThatStaysTooLong_IsBrokenOff_AndTheApplicationTold()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("asgi", 1, "--graceful-timeout", "0.2");
        await using RawConnection events = await RawConnection.OpenAsync(server.Address);
        await events.WriteAsync(Get($"/events?port={gate.Port}"));
        await events.ReadHeadAsync();
        await events.ReadChunkAsync();
        await gate.ReachedAsync("event");
        await ReloadAsync();

        Assert.Empty(await events.ReadToEndAsync());

        Assert.Equal("1", (await gate.ReachedAsync("left")).Text);
        await WaitForWorkersAsync("1:ready", server);
        Assert.Equal(0, CountLines(server, "[ERROR]"));
        Assert.Equal(0, CountLines(server, "is killed"));
    }

    private static async Task<ClientWebSocket> ConnectAsync(DarterServer server, HttpProtocol protocol, string target)
    {
        var client = new ClientWebSocket();
        client.Options.HttpVersion = protocol == HttpProtocol.Http2 ? new Version(2, 0) : new Version(1, 1);
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        client.Options.KeepAliveInterval = TimeSpan.Zero;
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler(), disposeHandler: false);
        await Wait.For(client.ConnectAsync(new Uri($"ws://{server.Address.Authority}{target}"), invoker, Cancellation), "the handshake");
        return client;
    }

    private static async Task<string> AskAsync(ClientWebSocket socket)
    {
        await socket.SendAsync("?"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, Cancellation);
        var buffer = new byte[100];
        ValueWebSocketReceiveResult result = await Wait.For(socket.ReceiveAsync(buffer.AsMemory(), Cancellation).AsTask(), "an answer");
        return System.Text.Encoding.UTF8.GetString(buffer, 0, result.Count);
    }

    private static async Task<int> ReceiveCloseAsync(ClientWebSocket socket)
    {
        var buffer = new byte[100];
        ValueWebSocketReceiveResult result = await Wait.For(socket.ReceiveAsync(buffer.AsMemory(), Cancellation).AsTask(), "the close");
        Assert.Equal(WebSocketMessageType.Close, result.MessageType);
        return (int)socket.CloseStatus!;
    }
}
