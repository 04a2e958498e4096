using System.Globalization;
using System.Net.WebSockets;
using Darter.Testing.Processes;
using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Asgi.WebSockets;

/// <summary>Open WebSockets when their server stops, and when their worker leaves or dies.</summary>
public class EndingTests(ServerPool pool) : WebSocketTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [InlineData(HttpProtocol.Http1, Signal.Terminate)]
    [InlineData(HttpProtocol.Http1, Signal.Interrupt)]
    [InlineData(HttpProtocol.Http2, Signal.Terminate)]
    public async Task Server_ThatStops_ClosesWith1001(HttpProtocol protocol, Signal signal)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync();
        ClientWebSocket client = await ConnectAsync(server, protocol, $"/waits?port={gate.Port}");
        Assert.Equal("open", await ReceiveTextAsync(client));

        server.Send(signal);

        Assert.Equal((1001, ""), await ReceiveCloseAsync(client));
        Assert.Equal("""{"code": 1001, "reason": "", "type": "websocket.disconnect"}""", (await gate.ReachedAsync("left")).Text);
        if (signal == Signal.Terminate)
        {
            await Wait.For(client.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "", Cancellation), "the end");
        }

        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task Server_ThatStops_DoesNotWaitForAClientThatDoesNotAnswer()
    {
        DarterServer server = await StartAsync("--graceful-timeout", "1");
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, "/echo");

        server.Send(Signal.Terminate);

        Assert.Equal((1001, ""), await socket.ReadCloseAsync());
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task WebSocket_AcceptedWhileTheServerStops_IsClosedAtOnce()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync();
        await using RawWebSocket socket = await RawWebSocket.AskAsync(server.Address, $"/accepts_late?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        server.Send(Signal.Terminate);
        await server.Log.WaitForAsync("Handling signal: ");
        arrival.Release();

        Assert.Equal(101, (await socket.Connection.ReadHeadAsync()).Status);
        Assert.Equal((1001, ""), await socket.ReadCloseAsync());
        await socket.WriteAsync(WebSocketFrame.Close(1001));
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Worker_ThatIsReplaced_ClosesWith1012(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync();
        int worker = Assert.Single(server.Workers);
        ClientWebSocket client = await ConnectAsync(server, protocol, $"/waits?port={gate.Port}");
        Assert.Equal("open", await ReceiveTextAsync(client));

        LinuxProcess.Send(worker, Signal.Terminate);

        Assert.Equal((1012, ""), await ReceiveCloseAsync(client));
        Assert.Equal("""{"code": 1012, "reason": "", "type": "websocket.disconnect"}""", (await gate.ReachedAsync("left")).Text);
        await server.Log.WaitForAsync($"(pid {worker}) ended: exit status 0");
        Assert.NotEqual($"{worker}", (await AskAsync(server, "/")).Text);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Worker_ThatIsKilled_ClosesWith1011(HttpProtocol protocol)
    {
        DarterServer server = await StartAsync(Options("websocket") with { Workers = 2 });
        List<(ClientWebSocket Client, int Worker)> open = [];
        for (int i = 0; i < 20; i++)
        {
            ClientWebSocket client = await ConnectAsync(server, protocol, "/pid");
            open.Add((client, int.Parse(await ReceiveTextAsync(client), CultureInfo.InvariantCulture)));
        }

        int victim = open[0].Worker;
        LinuxProcess.Send(victim, Signal.Kill);

        foreach ((ClientWebSocket client, int worker) in open)
        {
            if (worker == victim)
            {
                Assert.Equal((1011, ""), await ReceiveCloseAsync(client));
            }
            else
            {
                await SendAsync(client, "end");
                Assert.Equal((1000, ""), await ReceiveCloseAsync(client));
            }
        }

        await server.Log.WaitForAsync($"(pid {victim}) ended: killed by SIGKILL");
        Assert.Single(server.Log.Lines(), line => line.Contains("[ERROR]", StringComparison.Ordinal));
        await AssertStillServesAsync(server);
    }

    [Fact]
    public async Task Worker_ThatIsKilledInTheHandshake_IsAnswered502()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync();
        await using RawWebSocket socket = await RawWebSocket.AskAsync(server.Address, $"/waits_in_handshake?port={gate.Port}");
        await gate.ReachedAsync("waiting");

        LinuxProcess.Send(Assert.Single(server.Workers), Signal.Kill);

        Assert.Equal(502, (await socket.Connection.ReadResponseAsync()).Status);
    }
}
