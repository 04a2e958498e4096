using Darter.Wire;

namespace Darter.Workers.Tests;

/// <summary>Event loops run many requests at a time: what counts is what they have not started.</summary>
public sealed class EventLoopQueueTests : IDisposable
{
    private readonly ChannelHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void Add_WhileTheLoopStartsWhatItGets_SendsAll()
    {
        (Channel channel, FakeWorker worker) = Open();

        // None is answered, and all get there: each was started.
        for (int i = 0; i < 3000; i++)
        {
            _harness.Add($"/{i}");
            Assert.Equal($"/{i}", worker.ReadRequest().Target);
        }

        Assert.Equal((3000, 0), _harness.Run(() =>
        {
            channel.ObserveClaims();
            return (channel.Count, channel.Unstarted);
        }));
    }

    [Fact]
    public void Add_OfMoreThanTheLoopHasStarted_Waits()
    {
        (Channel channel, FakeWorker worker) = Open();
        AddInOnePass(10);

        Assert.Equal((4, 6), _harness.Run(() => (channel.Unstarted, _harness.Queue.Waiting)));

        // It is noticed although the worker says nothing.
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal($"/{i}", worker.ReadRequest().Target);
        }
    }

    [Fact]
    public void Add_WithALoopThatAnswersQuickly_SendsMoreAhead()
    {
        (Channel channel, FakeWorker worker) = Open();
        MakeFast(channel);
        AddInOnePass(70);

        Assert.Equal((64, 6), _harness.Run(() => (channel.Unstarted, _harness.Queue.Waiting)));
        Assert.Equal("/0", worker.ReadRequest().Target);
    }

    [Fact]
    public async Task Requests_ThatStay_AreSpreadEvenly()
    {
        (Channel first, FakeWorker one) = Open();
        (Channel second, FakeWorker two) = Open();
        (Channel third, FakeWorker three) = Open();
        MakeFast(first);
        MakeFast(second);
        MakeFast(third);
        using CancellationTokenSource source = new();
        Task[] workers = [.. new[] { one, two, three }.Select(worker => Task.Run(() => StartAll(worker)))];

        for (int i = 0; i < 300; i++)
        {
            AddInOnePass(10);
        }

        _harness.WaitFor(() => first.Count + second.Count + third.Count == 3000 && _harness.Queue.Waiting == 0);

        // Not to the last one: a worker that gets no processor for a while is passed over for as long.
        Assert.All(_harness.Run(() => new[] { first.Count, second.Count, third.Count }), count => Assert.InRange(count, 500, 1500));
        _harness.Run(() =>
        {
            first.Close();
            second.Close();
            third.Close();
        });
        await Task.WhenAll(workers);
    }

    [Fact]
    public void Requests_OfABlockedLoop_AreGivenToAnother()
    {
        (Channel first, FakeWorker blocked) = Open();
        (_, FakeWorker free) = Open();
        _harness.Run(() =>
        {
            for (int i = 0; i < 3; i++)
            {
                first.Send(new FakeStream($"/{i}"));
            }
        });
        (uint id, _) = blocked.ReadRequest(claim: false);

        // One more, by the queue, which looks after both.
        _harness.Add("/3");
        string[] targets = [.. Enumerable.Range(0, 4).Select(_ => free.ReadRequest().Target)];

        Assert.Equal(["/0", "/1", "/2", "/3"], targets.Order());
        Assert.False(blocked.TryClaim(0, id));
    }

    [Fact]
    public void Requests_OfTheOnlyLoop_StayThereWhileItIsBlocked()
    {
        (Channel channel, FakeWorker worker) = Open();
        AddInOnePass(3);
        (uint id, _) = worker.ReadRequest(claim: false);
        worker.ReadRequest(claim: false);
        worker.ReadRequest(claim: false);

        // A later request finds them where they were.
        _harness.Add("/later");
        Assert.Equal("/later", worker.ReadRequest(claim: false).Target);
        Assert.Equal(4, _harness.Run(() => channel.Unstarted));
        Assert.True(worker.TryClaim(0, id));
    }

    [Fact]
    public void Requests_WithABodyThatStillComes_AreSentBesideOthers()
    {
        (Channel channel, FakeWorker worker) = Open();
        FakeStream upload = _harness.Add("/upload", body: new byte[1_000_000], canSendAgain: false);
        FakeStream other = _harness.Add("/other");

        (FrameHeader header, _) = worker.Read();
        Assert.Equal(FrameType.Request, header.Type);
        (FrameHeader next, byte[] payload) = (header, []);
        while (next.Type != FrameType.Request || next.Stream == header.Stream)
        {
            (next, payload) = worker.Read();
        }

        Assert.True(RequestHead.TryRead(payload, out RequestHead head));
        Assert.Equal("/other"u8, head.Target);
        Assert.Equal(2, _harness.Run(() => channel.Count));
        Assert.Empty(upload.Events);
        Assert.Empty(other.Events);
    }

    [Fact]
    public void Cancel_OfAStartedRequest_IsSaidByAFrame()
    {
        (Channel channel, FakeWorker worker) = Open();
        FakeStream stream = _harness.Add("/a");
        (uint id, _) = worker.ReadRequest();

        _harness.Run(() =>
        {
            channel.ObserveClaims();
            channel.Cancel(stream);
        });

        Assert.Empty(worker.Expect(FrameType.Cancel, id));
        worker.Write(FrameType.Abort, FrameFlags.None, id, [(byte)AbortReason.Cancelled]);
        _harness.WaitFor(() => channel.Count == 0);
        Assert.Empty(stream.Events);
    }

    [Fact]
    public void Cancel_OfARequestThatWasNotStarted_TakesItBack()
    {
        (Channel channel, FakeWorker worker) = Open();
        AddInOnePass(2);
        FakeStream stream = new("/gone");
        _harness.Run(() =>
        {
            _harness.Queue.Add(stream);
            channel.Cancel(stream);
        });
        _harness.Add("/last");

        Assert.Equal(3, _harness.Run(() => channel.Unstarted));
        Assert.Equal("/0", worker.ReadRequest().Target);
        Assert.Equal("/1", worker.ReadRequest().Target);
        (uint gone, _) = worker.ReadRequest(claim: false);
        Assert.False(worker.TryClaim(2, gone));
        Assert.Equal("/last", worker.ReadRequest().Target);
    }

    [Fact]
    public void Worker_ThatDies_GivesBackWhatItHasNotStarted()
    {
        (Channel channel, FakeWorker worker) = Open();
        FakeStream started = _harness.Add("/started");
        worker.ReadRequest();
        FakeStream waiting = _harness.Add("/waiting");
        worker.ReadRequest(claim: false);

        _harness.Run(() => channel.Close());
        (_, FakeWorker next) = Open();

        Assert.Equal("/waiting", next.ReadRequest().Target);
        Assert.Equal(["failed WorkerDied"], started.Events);
        Assert.Empty(waiting.Events);
    }

    [Fact]
    public void Worker_ThatSaysThatItLeaves_KeepsWhatItHasStartedOnly()
    {
        (Channel channel, FakeWorker worker) = Open();
        FakeStream started = _harness.Add("/started");
        FakeStream waiting = _harness.Add("/waiting");
        (uint id, _) = worker.ReadRequest();
        worker.ReadRequest(claim: false);

        worker.Write(FrameType.Drain, FrameFlags.None, 0, default);

        Assert.Equal(FrameType.Drain, worker.Read().Header.Type);
        (_, FakeWorker other) = Open();
        Assert.Equal("/waiting", other.ReadRequest().Target);
        worker.Respond(id, "done");
        _harness.WaitFor(() => started.Events.Count == 1);
        Assert.Equal(["response 200 done end"], started.Events);
        Assert.Equal(ChannelState.Draining, _harness.Run(() => channel.State));
        Assert.DoesNotContain("failed", string.Join(' ', waiting.Events), StringComparison.Ordinal);
    }

    [Fact]
    public void Drain_EndsWebSocketsOnly()
    {
        (Channel channel, FakeWorker worker, FakeStream[] streams) = OpenWithStreams();

        _harness.Run(() => channel.Drain(keepStreams: false));

        Assert.Equal([[], ["leaving"], []], streams.Select(stream => stream.Events));
        Assert.Equal(FrameType.Drain, worker.Read().Header.Type);
    }

    [Fact]
    public void Drain_KeepingStreams_EndsNoneUntilTheyAreToEnd()
    {
        (Channel channel, FakeWorker worker, FakeStream[] streams) = OpenWithStreams();

        _harness.Run(() => channel.Drain(keepStreams: true));

        Assert.All(streams, stream => Assert.Empty(stream.Events));
        Assert.Equal(FrameType.Drain, worker.Read().Header.Type);
        Assert.True(_harness.Run(() => channel.HasStreams));

        _harness.Run(channel.EndStreams);

        Assert.Equal([[], ["leaving"], ["leaving"]], streams.Select(stream => stream.Events));
    }

    [Fact]
    public void Drain_OfAChannelThatDrainsKeepingStreams_EndsWebSockets()
    {
        // The server is stopped while workers leave.
        (Channel channel, FakeWorker worker, FakeStream[] streams) = OpenWithStreams();
        _harness.Run(() => channel.Drain(keepStreams: true));

        _harness.Run(() => channel.Drain(keepStreams: false));
        _harness.Run(() => channel.Drain(keepStreams: false));

        Assert.Equal([[], ["leaving"], []], streams.Select(stream => stream.Events));
        Assert.Equal(FrameType.Drain, worker.Read().Header.Type);
    }

    private (Channel Channel, FakeWorker Worker, FakeStream[] Streams) OpenWithStreams()
    {
        (Channel channel, FakeWorker worker) = Open();
        FakeStream[] streams = [new("/a"), new("/b") { IsWebSocket = true }, new("/c") { IsEventStream = true }];
        foreach (FakeStream stream in streams)
        {
            _harness.Run(() => _harness.Queue.Add(stream));
            worker.ReadRequest();
        }

        return (channel, worker, streams);
    }

    [Fact]
    public void Prepare_OfAStreamThatAnswersItself_SendsNothing()
    {
        (Channel channel, FakeWorker worker) = Open();
        _harness.Run(() => _harness.Queue.Add(new FakeStream("/self") { AnswersItself = true }));
        _harness.Add("/next");

        Assert.Equal("/next", worker.ReadRequest().Target);
        Assert.Equal(1, _harness.Run(() => channel.Count));
    }

    [Theory]
    [InlineData(FrameType.Message, new byte[] { 1, 65 })]
    [InlineData(FrameType.Close, new byte[] { 0xe8, 0x03 })]
    public void Frames_OfAWebSocket_AreAllowedOnlyThere(FrameType type, byte[] payload)
    {
        (_, FakeWorker worker) = Open();
        FakeStream stream = _harness.Add("/a");
        (uint id, _) = worker.ReadRequest();

        worker.Write(type, FrameFlags.None, id, payload);

        _harness.WaitFor(() => _harness.Events.Count == 1);
        Assert.Contains("Unexpected", _harness.Events[0], StringComparison.Ordinal);
        Assert.Equal(["failed WorkerDied"], stream.Events);
    }

    [Fact]
    public void Trailers_ReachTheirStream()
    {
        (_, FakeWorker worker) = Open();
        FakeStream stream = _harness.Add("/a");
        (uint id, _) = worker.ReadRequest();
        worker.Respond(id, "body", end: false);
        worker.Write(FrameType.Trailers, FrameFlags.None, id, [1, 0, 1, 0, 1, 0, (byte)'a', (byte)'b']);
        worker.End(id);

        _harness.WaitFor(() => stream.Events.Count == 3);
        Assert.Equal(["response 200 body", "trailers 1", "end"], stream.Events);
    }

    private (Channel Channel, FakeWorker Worker) Open() => _harness.Open(application: ApplicationInterface.Asgi);

    private void AddInOnePass(int count) => _harness.Run(() =>
    {
        for (int i = 0; i < count; i++)
        {
            _harness.Queue.Add(new FakeStream($"/{i}"));
        }
    });

    private void MakeFast(Channel channel) => _harness.Run(() =>
    {
        for (int i = 0; i < 200; i++)
        {
            channel.ServiceTime.Observe(1000);
        }
    });

    private static void StartAll(FakeWorker worker)
    {
        try
        {
            while (true)
            {
                (FrameHeader header, byte[] payload) = worker.Read();
                Assert.True(RequestHead.TryRead(payload, out RequestHead head));
                worker.TryClaim(head.Slot, header.Stream);
            }
        }
        catch (EndOfStreamException)
        {
            // The channel was closed.
        }
    }
}
