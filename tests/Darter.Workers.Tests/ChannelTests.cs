using System.Text;
using Darter.Wire;

namespace Darter.Workers.Tests;

public sealed class ChannelTests : IDisposable
{
    private readonly ChannelHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void Request_Answered_ReachesItsStream()
    {
        (Channel channel, FakeWorker worker) = _harness.Open();
        FakeStream stream = _harness.Add("/a");

        (uint id, string target) = worker.ReadRequest();
        worker.Respond(id, "hello");

        _harness.WaitFor(() => stream.Events.Count == 1);
        Assert.Equal("/a", target);
        Assert.Equal(["response 200 hello end"], stream.Events);
        Assert.True(_harness.Run(() => stream.IsIdle && channel.Count == 0));
    }

    [Fact]
    public void Request_AnsweredInPieces_ReachesItsStreamInOrder()
    {
        (_, FakeWorker worker) = _harness.Open();
        FakeStream stream = _harness.Add("/a");
        (uint id, _) = worker.ReadRequest();

        worker.Respond(id, "one", end: false);
        worker.Write(FrameType.Body, FrameFlags.None, id, "two"u8);
        worker.End(id);

        _harness.WaitFor(() => stream.Events.Count == 3);
        Assert.Equal(["response 200 one", "body two", "end"], stream.Events);
    }

    [Fact]
    public void Pieces_ThatCameTogether_AreFollowedUpToTheOneBehindWhichIsNothing()
    {
        (_, FakeWorker worker) = _harness.Open();
        FakeStream whole = _harness.Add("/a");
        (uint first, _) = worker.ReadRequest();
        worker.WriteAtOnce(() =>
        {
            worker.Respond(first, "one", end: false);
            worker.Write(FrameType.Body, FrameFlags.None, first, "two"u8);
            worker.End(first);
        });
        _harness.WaitFor(() => whole.Events.Count == 3);

        FakeStream part = _harness.Add("/b");
        (uint second, _) = worker.ReadRequest();
        worker.WriteAtOnce(() =>
        {
            worker.Respond(second, "one", end: false);
            worker.Write(FrameType.Body, FrameFlags.None, second, "two"u8);
            worker.Write(FrameType.Log, FrameFlags.None, 0, [1, .. "three"u8]);
        });
        _harness.WaitFor(() => part.Events.Count == 2);
        worker.Write(FrameType.Body, FrameFlags.None, second, "three"u8);
        _harness.WaitFor(() => part.Events.Count == 3);

        Assert.Equal([true, true], whole.Followed);
        Assert.Equal([true, false, false], part.Followed);
    }

    [Fact]
    public void Body_LargerThanTheWindow_WaitsForGrants()
    {
        (_, FakeWorker worker) = _harness.Open();
        byte[] body = new byte[ChannelFormat.InitialRequestWindow + 100];
        Random.Shared.NextBytes(body);
        _harness.Add("/a", body);
        (uint id, _) = worker.ReadRequest();

        List<byte> received = [];
        while (received.Count < ChannelFormat.InitialRequestWindow)
        {
            (FrameHeader header, byte[] payload) = worker.Read();
            Assert.Equal(FrameFlags.None, header.Flags);
            received.AddRange(payload);
        }

        worker.Write(FrameType.Window, FrameFlags.None, id, [100, 0, 0, 0]);
        (FrameHeader last, byte[] rest) = worker.Read();

        received.AddRange(rest);
        Assert.Equal(FrameFlags.End, last.Flags);
        Assert.Equal(body, received);
    }

    [Fact]
    public void Bodies_OfSeveralRequests_LeaveBeforeThePassEnds()
    {
        (_, FakeWorker worker) = _harness.Open(application: ApplicationInterface.Asgi);
        byte[] body = new byte[20_000];
        Random.Shared.NextBytes(body);
        _harness.Run(() =>
        {
            _harness.Queue.Add(new FakeStream("/first", body));
            Assert.Equal(0, worker.Socket.Available);
            for (int i = 0; i < 3; i++)
            {
                _harness.Queue.Add(new FakeStream("/other", body));
            }

            Assert.InRange(worker.Socket.Available, 64 * 1024, 4 * 21_000);
        });

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(i == 0 ? "/first" : "/other", worker.ReadRequest().Target);
            List<byte> received = [];
            while (received.Count < body.Length)
            {
                received.AddRange(worker.Read().Payload);
            }

            Assert.Equal(body, received);
        }
    }

    [Fact]
    public void Cancel_OfAStartedRequest_TellsTheWorkerAndIgnoresWhatComes()
    {
        (Channel channel, FakeWorker worker) = _harness.Open();
        FakeStream stream = _harness.Add("/a");
        (uint id, _) = worker.ReadRequest();

        _harness.Run(() => channel.Cancel(stream));

        Assert.Equal(FrameType.Cancel, worker.Read().Header.Type);
        worker.Write(FrameType.Abort, FrameFlags.None, id, [(byte)AbortReason.Cancelled]);
        _harness.WaitFor(() => channel.Count == 0);
        Assert.Empty(stream.Events);
        Assert.True(_harness.Run(() => stream.IsIdle));
    }

    [Fact]
    public void Cancel_OfAnUnstartedRequest_TakesItBack()
    {
        (Channel channel, FakeWorker worker) = _harness.Open();
        FakeStream stream = _harness.Add("/a");
        (uint id, _) = worker.ReadRequest(claim: false);

        _harness.Run(() => channel.Cancel(stream));

        Assert.False(worker.TryClaim(0, id));
        Assert.Equal(0, _harness.Run(() => channel.Count));
    }

    [Fact]
    public void Finish_WithAnAnswerNotYetRead_DeliversIt()
    {
        (Channel channel, FakeWorker worker) = _harness.Open();
        FakeStream answered = _harness.Add("/a");
        (uint id, _) = worker.ReadRequest();
        FakeStream waiting = _harness.Add("/b");

        _harness.Run(() =>
        {
            worker.Respond(id, "hello");
            channel.Finish();
        });

        Assert.Equal(["response 200 hello end"], answered.Events);
        Assert.Empty(waiting.Events);
        Assert.Equal(1, _harness.Run(() => _harness.Queue.Waiting));
        Assert.Equal(["closed: "], _harness.Events);
    }

    [Fact]
    public void Close_ByAWorkerWithinAFrame_IsNoError()
    {
        (_, FakeWorker worker) = _harness.Open();
        FakeStream stream = _harness.Add("/a");
        worker.ReadRequest();

        worker.Socket.Send([1, 0, 0, 0, 0]);
        worker.Dispose();

        _harness.WaitFor(() => _harness.Events.Count == 1);
        Assert.Equal(["closed: "], _harness.Events);
        Assert.Equal(["failed WorkerDied"], stream.Events);
    }

    [Fact]
    public void Close_WithRequestsAtHand_FailsTheStartedAndReturnsTheOthers()
    {
        (Channel channel, FakeWorker worker) = _harness.Open();
        MakeFast(channel);
        FakeStream started = _harness.Add("/a");
        worker.ReadRequest();
        FakeStream waiting = _harness.Add("/b");
        worker.Dispose();

        _harness.WaitFor(() => started.Events.Count == 1);
        Assert.Equal(["failed WorkerDied"], started.Events);
        Assert.Empty(waiting.Events);

        (_, FakeWorker other) = _harness.Open();
        Assert.Equal("/b", other.ReadRequest().Target);
    }

    [Fact]
    public void Stream_ThatThrows_IsBrokenAndTheOthersGoOn()
    {
        (_, FakeWorker worker) = _harness.Open();
        FakeStream stream = new("/a") { ThrowAtEnd = new InvalidOperationException("no") };
        _harness.Run(() => _harness.Queue.Add(stream));
        (uint id, _) = worker.ReadRequest();
        worker.Respond(id, "", end: false);
        worker.End(id);
        FakeStream other = _harness.Add("/b");

        worker.Respond(worker.ReadRequest().Stream, "fine");

        _harness.WaitFor(() => other.Events.Count == 1);
        Assert.Equal(["response 200 ", "broken no"], stream.Events);
        Assert.Empty(_harness.Events);
    }

    [Theory]
    [InlineData(FrameType.Request)]
    [InlineData(FrameType.Cancel)]
    [InlineData(FrameType.Response)]
    [InlineData(FrameType.File)]
    [InlineData(FrameType.Window)]
    [InlineData(FrameType.End)]
    [InlineData(FrameType.Abort)]
    [InlineData(FrameType.Informational)]
    public void Frame_ThatIsNotAllowed_ClosesTheChannelAndFailsTheRequest(FrameType type)
    {
        (_, FakeWorker worker) = _harness.Open();
        FakeStream stream = _harness.Add("/a");
        (uint id, _) = worker.ReadRequest();

        worker.Write(type, FrameFlags.None, id, "x"u8);

        _harness.WaitFor(() => _harness.Events.Count == 1);
        Assert.StartsWith("closed: sent an invalid frame", _harness.Events[0], StringComparison.Ordinal);
        Assert.Equal(["failed WorkerDied"], stream.Events);
    }

    [Fact]
    public void Frame_OfAnUnknownStream_ClosesTheChannel()
    {
        (_, FakeWorker worker) = _harness.Open();

        worker.Respond(77, "?");

        _harness.WaitFor(() => _harness.Events.Count == 1);
        Assert.Contains("Stream", _harness.Events[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_ThatAreNoFrame_CloseTheChannel()
    {
        (_, FakeWorker worker) = _harness.Open();

        worker.Socket.Send(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: example\r\n\r\n"));

        _harness.WaitFor(() => _harness.Events.Count == 1);
        Assert.Contains("Check", _harness.Events[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Hello_WithAnotherToken_ClosesTheChannel()
    {
        (_, FakeWorker worker) = _harness.Open(ready: false);
        byte[] payload = new byte[HelloMessage.Size];
        HelloMessage.Write(payload, 1, new byte[ChannelFormat.TokenSize]);

        worker.Write(FrameType.Hello, FrameFlags.None, 0, payload);

        _harness.WaitFor(() => _harness.Events.Count == 1);
        Assert.Contains("Payload", _harness.Events[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Frames_BeforeHello_CloseTheChannel()
    {
        (_, FakeWorker worker) = _harness.Open(ready: false);

        worker.Write(FrameType.Ready, FrameFlags.None, 0, [1]);

        _harness.WaitFor(() => _harness.Events.Count == 1);
        Assert.Contains("Unexpected", _harness.Events[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Drain_AfterHello_ReachesTheWorker()
    {
        (Channel channel, FakeWorker worker) = _harness.Open();

        _harness.Run(() => channel.Drain(keepStreams: false));

        Assert.Equal(FrameType.Drain, worker.Read().Header.Type);
        worker.Dispose();
        _harness.WaitFor(() => _harness.Events.Count == 1);
        Assert.Equal("closed: ", _harness.Events[0]);
    }

    private void MakeFast(Channel channel) => _harness.Run(() =>
    {
        for (int i = 0; i < 200; i++)
        {
            channel.ServiceTime.Observe(1000);
        }
    });
}
