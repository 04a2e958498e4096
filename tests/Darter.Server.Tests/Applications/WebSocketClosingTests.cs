using Darter.Server.Configuration;
using Darter.Server.Tests.WebSockets;
using Darter.Server.WebSockets;
using Darter.Testing;
using Darter.Testing.Http;
using Darter.Wire;
using Darter.Workers.Tests;

namespace Darter.Server.Tests.Applications;

/// <summary>Every way a WebSocket can end: what the client is told, and what the worker.</summary>
public sealed class WebSocketClosingTests
{
    [Fact]
    public async Task Client_Closes_IsAnsweredAndTheWorkerIsTold()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        (WebSocketPeer peer, uint stream) = await OpenAsync(front);
        await using WebSocketPeer owned = peer;

        await peer.SendCloseAsync(4321, "byé");

        Assert.Equal((4321, "byé"), front.Worker.ExpectClose(stream));
        Assert.Equal((4321, ""), await peer.ReadCloseAsync());
        Assert.True(await peer.Connection.IsClosedAsync());
        front.Worker.End(stream);
    }

    [Fact]
    public async Task Client_ClosesWithoutACode_IsAnsweredWith1000()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        (WebSocketPeer peer, uint stream) = await OpenAsync(front);
        await using WebSocketPeer owned = peer;

        await peer.SendAsync(FrameOpcode.Close, default);

        Assert.Equal((1005, ""), front.Worker.ExpectClose(stream));
        Assert.Equal((1000, ""), await peer.ReadCloseAsync());
        Assert.True(await peer.Connection.IsClosedAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_Vanishes_IsToldTheWorkerAs1006(bool reset)
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        (WebSocketPeer peer, uint stream) = await OpenAsync(front);

        if (reset)
        {
            peer.Connection.Abort();
        }
        else
        {
            await peer.DisposeAsync();
        }

        Assert.Equal((1006, ""), front.Worker.ExpectClose(stream));

        // What the application still says is of no consequence.
        front.Worker.SendMessage(stream, MessageKind.Text, "too late"u8);
        front.Worker.End(stream);
        await AssertStillServesAsync(front);
    }

    [Fact]
    public async Task Client_VanishesBeforeTheAnswer_IsToldTheWorkerAsForARequest()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        (uint stream, _) = front.Worker.ReadRequest();

        await peer.DisposeAsync();

        Assert.Empty(front.Worker.Expect(FrameType.Cancel, stream));
        front.Worker.Accept(stream);
        front.Worker.SendMessage(stream, MessageKind.Text, "hello?"u8);
        front.Worker.End(stream);
        await AssertStillServesAsync(front);
    }

    [Theory]
    [InlineData(3000, "enough", 3000)]
    [InlineData(1005, "", 1000)]
    public async Task Application_Closes_IsPassedOn(int code, string reason, int sent)
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        (WebSocketPeer peer, uint stream) = await OpenAsync(front);
        await using WebSocketPeer owned = peer;

        front.Worker.SendMessage(stream, MessageKind.Text, "last"u8);
        front.Worker.SendClose(stream, (ushort)code, reason);
        front.Worker.End(stream);

        Assert.Equal("last", await peer.ReadTextAsync());
        Assert.Equal(((ushort)sent, reason), await peer.ReadCloseAsync());
        await peer.SendTextAsync("not yet read");
        await peer.SendCloseAsync((ushort)sent);
        Assert.True(await peer.Connection.IsClosedAsync());
        await AssertStillServesAsync(front);
    }

    [Fact]
    public async Task Application_ClosesAndTheClientDoesNotAnswer_EndsAfterAWhile()
    {
        await using FrontHarness front = await FrontHarness.StartAsync(configure: config =>
            config with { WebSockets = new WebSocketConfig { CloseTimeout = TimeSpan.FromMilliseconds(50) } });
        (WebSocketPeer peer, uint stream) = await OpenAsync(front);
        await using WebSocketPeer owned = peer;

        front.Worker.SendClose(stream, 1000);

        Assert.Equal((1000, ""), await peer.ReadCloseAsync());
        Assert.True(await peer.Connection.IsClosedAsync());
    }

    [Fact]
    public async Task Application_Returns_ClosesWith1000()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        (WebSocketPeer peer, uint stream) = await OpenAsync(front);
        await using WebSocketPeer owned = peer;

        front.Worker.End(stream);

        Assert.Equal((1000, ""), await peer.ReadCloseAsync());
    }

    [Fact]
    public async Task Application_Raises_ClosesWith1011()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        (WebSocketPeer peer, uint stream) = await OpenAsync(front);
        await using WebSocketPeer owned = peer;

        front.Worker.Write(FrameType.Abort, FrameFlags.None, stream, [(byte)AbortReason.ApplicationError]);

        Assert.Equal((1011, ""), await peer.ReadCloseAsync());
    }

    [Fact]
    public async Task Application_RaisesBeforeTheAnswer_Is500()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        (uint stream, _) = front.Worker.ReadRequest();

        front.Worker.Write(FrameType.Abort, FrameFlags.None, stream, [(byte)AbortReason.ApplicationError]);

        Assert.Equal(500, (await peer.Connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Worker_Dies_ClosesWith1011()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        (WebSocketPeer peer, _) = await OpenAsync(front);
        await using WebSocketPeer owned = peer;

        FakeLauncher.Kill(front.Workers.Processes[0]);

        Assert.Equal((1011, ""), await peer.ReadCloseAsync());
    }

    [Fact]
    public async Task Worker_Leaves_ClosesWith1012()
    {
        await using FrontHarness front = await FrontHarness.StartAsync(channels: 2);
        await using WebSocketPeer first = await WebSocketPeer.AskAsync(front.Address);
        (int channel, uint stream) = StartOnEither(front);
        FakeWorker worker = front.Workers.Channels[channel];
        worker.Accept(stream);
        await first.ReadAnswerAsync();

        // When one channel of a worker is closed the others are drained.
        front.Workers.Channels[1 - channel].Dispose();

        Assert.Equal((1012, ""), await first.ReadCloseAsync());
        Assert.Equal(FrameType.Drain, worker.Read().Header.Type);
        Assert.Equal((1012, ""), worker.ExpectClose(stream));
        worker.End(stream);
    }

    [Fact]
    public async Task Worker_SaysThatItLeaves_ClosesWith1012AndIsReplaced()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        (WebSocketPeer peer, uint stream) = await OpenAsync(front);
        await using WebSocketPeer owned = peer;

        front.Worker.Write(FrameType.Drain, FrameFlags.None, 0, default);

        Assert.Equal((1012, ""), await peer.ReadCloseAsync());
        Assert.Equal(FrameType.Drain, front.Worker.Read().Header.Type);
        Assert.Equal((1012, ""), front.Worker.ExpectClose(stream));

        // The next one serves while the first is not done.
        await Wait.Until(() => front.Workers.Channels.Count == 2, "the next worker");
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
        (uint next, string target) = front.Workers.Channels[1].ReadRequest();
        Assert.Equal("/next", target);
        front.Workers.Channels[1].Respond(next, "served");
        Assert.Equal("served", (await connection.ReadResponseAsync()).Text);
        front.Worker.End(stream);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_Stops_ClosesWith1001(bool quick)
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        (WebSocketPeer peer, uint stream) = await OpenAsync(front);
        await using WebSocketPeer owned = peer;

        Task stop = front.Server.StopAsync(quick, TestContext.Current.CancellationToken);

        Assert.Equal((1001, ""), front.Worker.ExpectClose(stream));
        Assert.Equal((1001, ""), await peer.ReadCloseAsync());
        if (!quick)
        {
            await peer.SendCloseAsync(1001);
            Assert.True(await peer.Connection.IsClosedAsync());
        }

        front.Worker.End(stream);
        Task leave = front.Workers.LeaveAsync();
        await Wait.For(stop, "the server to stop");
        await leave;
    }

    [Fact]
    public async Task Server_StopsBeforeTheAnswer_ClosesWith1001AtOnce()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        await using WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        (uint stream, _) = front.Worker.ReadRequest();
        Task stop = front.Server.StopAsync(quick: false, TestContext.Current.CancellationToken);
        await Wait.Until(() => !CanConnect(front), "the server to stop listening");

        front.Worker.Accept(stream);

        await peer.ReadAnswerAsync();
        Assert.Equal((1001, ""), await peer.ReadCloseAsync());
        await peer.SendCloseAsync(1001);
        Assert.Equal((1001, ""), front.Worker.ExpectClose(stream));
        front.Worker.End(stream);
        Task leave = front.Workers.LeaveAsync();
        await Wait.For(stop, "the server to stop");
        await leave;
    }

    [Theory]
    [InlineData(new byte[] { 0x81, 0x01, 0x41 }, 1002, "frame is not masked")]
    [InlineData(new byte[] { 0xc1, 0x80, 0, 0, 0, 0 }, 1002, "reserved bits are set")]
    [InlineData(new byte[] { 0x81, 0x81, 0, 0, 0, 0, 0xff }, 1007, "invalid UTF-8")]
    [InlineData(new byte[] { 0x82, 0xff, 0, 0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0 }, 1009, "message too big")]
    public async Task Client_ThatBreaksTheProtocol_IsToldWhy(byte[] bytes, int code, string reason)
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        (WebSocketPeer peer, uint stream) = await OpenAsync(front);
        await using WebSocketPeer owned = peer;

        await peer.Connection.WriteAsync(bytes);

        Assert.Equal(((ushort)code, reason), await peer.ReadCloseAsync());
        Assert.True(await peer.Connection.IsClosedAsync());
        Assert.Equal(((ushort)code, reason), front.Worker.ExpectClose(stream));
        front.Worker.End(stream);
        await AssertStillServesAsync(front);
    }

    [Fact]
    public async Task Client_ThatAnswersPings_StaysAndOneThatDoesNotIsGivenUp()
    {
        await using FrontHarness front = await FrontHarness.StartAsync(configure: config =>
            config with { WebSockets = new WebSocketConfig { PingInterval = TimeSpan.FromMilliseconds(100), PingTimeout = TimeSpan.FromMilliseconds(100) } });
        (WebSocketPeer peer, uint stream) = await OpenAsync(front);
        await using WebSocketPeer owned = peer;

        for (int i = 0; i < 5; i++)
        {
            (FrameOpcode opcode, _, _, byte[] payload) = await peer.ReadAsync();
            Assert.Equal(FrameOpcode.Ping, opcode);
            await peer.SendAsync(FrameOpcode.Pong, payload);
        }

        Assert.Equal(FrameOpcode.Ping, (await peer.ReadAsync()).Opcode);
        Assert.Equal((1006, ""), front.Worker.ExpectClose(stream));
        Assert.Equal((1011, "keepalive ping timeout"), await peer.ReadCloseAsync());
        Assert.True(await peer.Connection.IsClosedAsync());
    }

    [Fact]
    public async Task Streams_OfManyThatCameAndWent_AreAllGone()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        for (int i = 0; i < 200; i++)
        {
            (WebSocketPeer peer, uint stream) = await OpenAsync(front);
            if (i % 2 == 0)
            {
                await peer.SendCloseAsync(1000);
                await peer.ReadCloseAsync();
            }

            await peer.DisposeAsync();
            front.Worker.ExpectClose(stream);
            front.Worker.End(stream);
        }

        await Wait.Until(() => front.Server.OpenWebSockets == 0, "the WebSockets to be gone");
        await AssertStillServesAsync(front);
    }

    /// <summary>Starts the request on the channel that has it: what one does not start within 1 ms goes to the other.</summary>
    private static (int Channel, uint Stream) StartOnEither(FrontHarness front)
    {
        int channel = 0;
        uint stream;
        while (!front.Workers.Channels[channel].TryStartRequest(out stream))
        {
            channel = 1 - channel;
        }

        return (channel, stream);
    }

    private static bool CanConnect(FrontHarness front)
    {
        using System.Net.Sockets.Socket socket = new(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        try
        {
            socket.Connect(front.Address.EndPoint);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private static async Task<(WebSocketPeer Peer, uint Stream)> OpenAsync(FrontHarness front)
    {
        WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Accept(stream);
        await peer.ReadAnswerAsync();
        return (peer, stream);
    }

    private static async Task AssertStillServesAsync(FrontHarness front)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("GET /still HTTP/1.1\r\nHost: a\r\n\r\n");
        (uint stream, string target) = front.Worker.ReadRequest();
        Assert.Equal("/still", target);
        front.Worker.Respond(stream, "here");
        Assert.Equal("here", (await connection.ReadResponseAsync()).Text);
    }
}
