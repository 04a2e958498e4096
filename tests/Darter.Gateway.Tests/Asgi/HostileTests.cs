using Darter.Wire;

namespace Darter.Gateway.Tests.Asgi;

/// <summary>A front that sends nonsense to an event loop: the worker ends with a line that says so.</summary>
public sealed class HostileTests
{
    [Theory]
    [InlineData(FrameType.Hello, 0u, 28)]
    [InlineData(FrameType.Ready, 0u, 5)]
    [InlineData(FrameType.Drain, 0u, 1)]
    [InlineData(FrameType.Response, 5u, 30)]
    [InlineData(FrameType.End, 5u, 8)]
    [InlineData(FrameType.Trailers, 5u, 2)]
    [InlineData(FrameType.Request, 5u, 0)]
    [InlineData(FrameType.Request, 5u, 200)]
    public void Frame_NotAllowed_EndsTheWorker(FrameType type, uint stream, int length)
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");
        worker.Channel.Send(type, stream, new byte[length]);

        AssertRejected(worker);
    }

    [Theory]
    [InlineData(FrameType.Window, 3)]
    [InlineData(FrameType.Cancel, 2)]
    [InlineData(FrameType.Message, 5)]
    [InlineData(FrameType.Close, 2)]
    [InlineData(FrameType.Body, 5)]
    public void Frame_OfARequest_NotAllowed_EndsTheWorker(FrameType type, int length)
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");
        uint stream = worker.Channel.Send(new TestRequest("/waits_for_disconnect"));
        worker.Channel.Send(type, stream, new byte[length]);

        AssertRejected(worker);
    }

    [Theory]
    [InlineData(FrameType.Body, new byte[0])]
    [InlineData(FrameType.Message, new byte[0])]
    [InlineData(FrameType.Message, new byte[] { 5 })]
    [InlineData(FrameType.Close, new byte[] { 1 })]
    public void Frame_OfAWebSocket_NotAllowed_EndsTheWorker(FrameType type, byte[] payload)
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/echo");
        worker.Channel.Send(type, socket.Stream, payload, FrameFlags.End);

        AssertRejected(worker);
    }

    [Fact]
    public void Message_BeforeAccept_EndsTheWorker()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "websocket");
        TestWebSocket socket = TestWebSocket.Ask(worker.Channel, "/waits_in_handshake");
        socket.Send("early");

        AssertRejected(worker);
    }

    [Fact]
    public void Message_AfterClose_EndsTheWorker()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/slow_reader");
        socket.SendClose(1000);
        socket.Send("late");

        AssertRejected(worker);
    }

    [Fact]
    public void Message_KindChanging_EndsTheWorker()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "websocket");
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/echo");
        socket.SendPiece(MessageKind.Text, [65], isLast: false);
        socket.SendPiece(MessageKind.Binary, [65], isLast: true);

        AssertRejected(worker);
    }

    [Fact]
    public void Messages_BeyondTheWindow_EndTheWorker()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "websocket", settings: new() { ["wsMaxQueue"] = 4 });
        TestWebSocket socket = TestWebSocket.Open(worker.Channel, "/slow_reader");
        for (int i = 0; i < 5; i++)
        {
            socket.Send("x");
        }

        AssertRejected(worker);
    }

    [Fact]
    public void Body_BeyondTheWindow_EndsTheWorker()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");
        using TestGate gate = new();
        uint stream = worker.Channel.Send(TestRequest.Post($"/receives?{gate.Path}", -1));
        for (int i = 0; i < 10; i++)
        {
            worker.Channel.SendBody(stream, new byte[ChannelFormat.MaxBodyChunk], isLast: false);
        }

        AssertRejected(worker);
    }

    [Fact]
    public void Stream_InUse_EndsTheWorker()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");
        byte[] request = new TestRequest("/waits_for_disconnect").ToPayload(Claim.NoSlot);
        worker.Channel.Send(FrameType.Request, 100, request, FrameFlags.End);
        worker.Channel.Send(FrameType.Request, 100, request, FrameFlags.End);

        AssertRejected(worker);
    }

    [Fact]
    public void Request_AfterDrain_EndsTheWorker()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");
        worker.Channel.Send(new TestRequest("/waits_for_disconnect"));
        worker.Channel.Send(FrameType.Drain, 0, []);
        worker.Channel.Send(new TestRequest("/hello"));

        AssertRejected(worker);
    }

    [Fact]
    public void Streams_Unknown_AreLeftAlone()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");
        foreach (FrameType type in new[] { FrameType.Body, FrameType.Window, FrameType.Cancel, FrameType.Message, FrameType.Close })
        {
            worker.Channel.Send(type, 999, [1, 2, 3, 4]);
        }

        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
    }

    private static void AssertRejected(TestWorker worker)
    {
        while (worker.Channel.TryReadFrame() is not null)
        {
        }

        Assert.Equal(70, worker.WaitForExit());
        Assert.Contains("darter: worker 1: the front sent what is not allowed", worker.Errors);
    }
}
