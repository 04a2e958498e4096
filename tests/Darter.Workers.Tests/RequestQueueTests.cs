namespace Darter.Workers.Tests;

public sealed class RequestQueueTests : IDisposable
{
    private readonly ChannelHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void Add_WithoutAChannel_WaitsForOne()
    {
        _harness.Add("/a");
        Assert.Equal(1, _harness.Run(() => _harness.Queue.Waiting));

        (_, FakeWorker worker) = _harness.Open();

        Assert.Equal("/a", worker.ReadRequest().Target);
    }

    [Fact]
    public void Add_WhenTheApplicationIsSlow_SendsOneToEachChannel()
    {
        (_, FakeWorker first) = _harness.Open();
        (_, FakeWorker second) = _harness.Open();
        _harness.Add("/a");
        _harness.Add("/b");
        _harness.Add("/c");

        (uint id, string a) = first.ReadRequest();
        Assert.Equal("/a", a);
        Assert.Equal("/b", second.ReadRequest().Target);
        Assert.Equal(1, _harness.Run(() => _harness.Queue.Waiting));

        first.Respond(id, "", serviceTime: 1_000_000);
        Assert.Equal("/c", first.ReadRequest().Target);
    }

    [Fact]
    public void Add_WhenTheApplicationIsFast_FillsTheWorkerThatIsAwake()
    {
        (Channel first, FakeWorker worker) = _harness.Open();
        (Channel second, _) = _harness.Open();
        MakeFast(first);
        MakeFast(second);

        // In one pass of the loop: what waits for longer than a millisecond is taken back.
        _harness.Run(() =>
        {
            for (int i = 0; i < 5; i++)
            {
                _harness.Queue.Add(new FakeStream($"/{i}"));
            }
        });

        Assert.Equal(["/0", "/1", "/2", "/3", "/4"], Enumerable.Range(0, 5).Select(_ => worker.ReadRequest(claim: false).Target));
    }

    [Fact]
    public void Requests_BehindASlowOne_AreTakenBackAndGivenToAnother()
    {
        (Channel first, FakeWorker slow) = _harness.Open();
        (Channel second, FakeWorker free) = _harness.Open();
        MakeFast(first);
        MakeFast(second);
        _harness.Add("/slow");
        slow.ReadRequest();
        _harness.Add("/behind");
        (uint id, string behind) = slow.ReadRequest(claim: false);
        Assert.Equal("/behind", behind);

        // The worker says nothing for longer than a millisecond.
        Assert.Equal("/behind", free.ReadRequest().Target);
        Assert.False(slow.TryClaim(1, id));
    }

    [Fact]
    public void Requests_ThatCannotBeSentAgain_WaitForAnIdleChannel()
    {
        (Channel channel, FakeWorker worker) = _harness.Open();
        MakeFast(channel);
        _harness.Add("/a");
        _harness.Add("/stream", body: new byte[10], canSendAgain: false);
        (uint id, _) = worker.ReadRequest();
        Assert.Equal(1, _harness.Run(() => _harness.Queue.Waiting));

        worker.Respond(id, "");

        Assert.Equal("/stream", worker.ReadRequest().Target);
    }

    [Fact]
    public void GoDown_WithWaitingRequests_FailsThemAndThoseThatCome()
    {
        FakeStream waiting = _harness.Add("/a");
        _harness.Run(_harness.Queue.GoDown);
        FakeStream later = _harness.Add("/b");

        Assert.Equal(["failed NoWorker"], waiting.Events);
        Assert.Equal(["failed NoWorker"], later.Events);

        (_, FakeWorker worker) = _harness.Open();
        _harness.Add("/c");
        Assert.Equal("/c", worker.ReadRequest().Target);
    }

    [Fact]
    public void Remove_OfAWaitingRequest_LeavesTheOthersInOrder()
    {
        _harness.Add("/a");
        FakeStream gone = _harness.Add("/b");
        _harness.Add("/c");
        _harness.Run(() => _harness.Queue.Remove(gone));
        (Channel channel, FakeWorker worker) = _harness.Open();

        (uint id, string a) = worker.ReadRequest();
        worker.Respond(id, "");

        Assert.Equal("/a", a);
        Assert.Equal("/c", worker.ReadRequest().Target);
        Assert.NotNull(channel);
    }

    [Fact]
    public void Fill_OfAnIdleChannel_TakesOverWhatWaitsBehindAnother()
    {
        (Channel first, FakeWorker firstWorker) = _harness.Open();
        (Channel second, FakeWorker secondWorker) = _harness.Open();
        MakeMedium(first);
        MakeMedium(second);
        FakeStream[] streams = [new("/a"), new("/b"), new("/c")];
        _harness.Run(() =>
        {
            Array.ForEach(streams, _harness.Queue.Add);
            Assert.True(firstWorker.TryClaim(streams[0].Slot, streams[0].Id));
            Assert.True(secondWorker.TryClaim(streams[1].Slot, streams[1].Id));
            Assert.Same(first, streams[2].Channel);
        });

        (uint b, string target) = secondWorker.ReadRequest(claim: false);
        Assert.Equal("/b", target);
        secondWorker.Respond(b, "", serviceTime: 300_000);

        Assert.Equal("/c", secondWorker.ReadRequest(claim: false).Target);
    }

    [Fact]
    public void Add_BehindARequestThatRunsForLong_Waits()
    {
        (Channel channel, FakeWorker worker) = _harness.Open();
        MakeMedium(channel);
        _harness.Add("/slow");
        (uint slow, _) = worker.ReadRequest();
        FakeStream ahead = _harness.Add("/ahead");
        Assert.Equal("/ahead", worker.ReadRequest(claim: false).Target);

        _harness.WaitFor(() => ahead.State == StreamState.Queued);
        FakeStream later = _harness.Add("/later");

        Assert.Equal(StreamState.Queued, later.State);
        worker.Respond(slow, "", serviceTime: 5_000_000);
        Assert.Equal("/ahead", worker.ReadRequest(claim: false).Target);
        Assert.Equal("/later", worker.ReadRequest(claim: false).Target);
    }

    private void MakeMedium(Channel channel) => _harness.Run(() =>
    {
        for (int i = 0; i < 200; i++)
        {
            channel.ServiceTime.Observe(300_000);
        }
    });

    private void MakeFast(Channel channel) => _harness.Run(() =>
    {
        for (int i = 0; i < 200; i++)
        {
            channel.ServiceTime.Observe(1000);
        }
    });
}
