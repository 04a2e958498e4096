using Darter.Wire;

namespace Darter.Gateway.Tests;

/// <summary>Claims, cancellation, windows and batches.</summary>
public sealed class ChannelTests
{
    [Theory, ClassData(typeof(Interpreters))]
    public void Claim_StartedRequest_IsTheWorkers(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        uint stream = worker.Channel.Send(new TestRequest("/mark?a"));
        Assert.Equal("marked", worker.Channel.ReadResponse(stream).Text);

        Assert.Equal(Claim.Claimed(stream), worker.Channel.WordOf(stream));
        Assert.False(worker.Channel.Revoke(stream));
        Assert.Equal("marked", worker.Channel.Exchange(new TestRequest("/mark?b") { HasSlot = false }).Text);
        Assert.Equal("a,b", worker.Channel.Get("/started").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Claim_RevokedRequest_IsDropped(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        using TestGate gate = new();
        uint waiting = worker.Channel.Send(new TestRequest($"/wait?{gate.Path}"));
        uint[] behind = [.. Enumerable.Range(0, 4).Select(i => worker.Channel.Write(new TestRequest($"/mark?{i}")))];
        uint withBody = worker.Channel.Write(TestRequest.Post("/mark?body", 3));
        worker.Channel.SendBody(withBody, "abc"u8.ToArray(), isLast: true);
        TestWait.Until(() => worker.Channel.WordOf(waiting) == Claim.Claimed(waiting));

        Assert.True(worker.Channel.Revoke(behind[1]));
        Assert.True(worker.Channel.Revoke(behind[2]));
        Assert.True(worker.Channel.Revoke(withBody));
        gate.Open();

        Assert.Equal("waited", worker.Channel.ReadResponse(waiting).Text);
        Assert.Equal("marked", worker.Channel.ReadResponse(behind[0]).Text);
        Assert.Equal("marked", worker.Channel.ReadResponse(behind[3]).Text);
        Assert.Equal("wait,0,3", worker.Channel.Get("/started").Text);
    }

    [Fact]
    public void Claim_SlotOfAnotherRequest_IsNotTouched()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        using TestGate gate = new();
        uint waiting = worker.Channel.Send(new TestRequest($"/wait?{gate.Path}"));
        uint behind = worker.Channel.Send(new TestRequest("/mark?never"));
        Assert.True(worker.Channel.Revoke(behind));
        uint another = Claim.Offered(behind + Claim.Slots);
        Volatile.Write(ref worker.Channel.Socket.Word((int)(behind % Claim.Slots)), another);
        gate.Open();

        Assert.Equal("waited", worker.Channel.ReadResponse(waiting).Text);
        Assert.Equal("wait", worker.Channel.Get("/started").Text);
        Assert.Equal(another, worker.Channel.Socket.Word((int)(behind % Claim.Slots)));
    }

    [Fact]
    public void Requests_InOneWrite_AreAnsweredInOrder()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        uint[] streams = [.. Enumerable.Range(0, 1000).Select(i => worker.Channel.Write(new TestRequest($"/mark?{i}")))];
        worker.Channel.Flush();

        Assert.Equal(streams, Enumerable.Range(0, streams.Length).Select(_ => worker.Channel.ReadFrame().Stream));
    }

    [Fact]
    public void Reply_BeforeASlowRequest_DoesNotWaitForIt()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        using TestGate gate = new();
        uint slow = worker.Channel.Send(new TestRequest("/slow"));
        worker.Channel.ReadResponse(slow);

        // The last requests were slow, so the reply is not kept for the next one.
        uint quick = worker.Channel.Write(new TestRequest("/hello"));
        uint waiting = worker.Channel.Write(new TestRequest($"/wait?{gate.Path}"));
        worker.Channel.Flush();
        Assert.Equal("hello", worker.Channel.ReadResponse(quick).Text);
        gate.Open();
        Assert.Equal("waited", worker.Channel.ReadResponse(waiting).Text);
    }

    [Fact]
    public void Replies_HeldForCompany_DoNotWaitForASlowRequest()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        for (int round = 0; round < 20; round++)
        {
            // The last requests were quick and came together, so replies are kept for the next one.
            uint[] many = [.. Enumerable.Range(0, 200).Select(_ => worker.Channel.Write(new TestRequest("/hello")))];
            worker.Channel.Flush();
            Assert.All(many, stream => Assert.Equal("hello", worker.Channel.ReadResponse(stream).Text));

            using TestGate gate = new();
            uint[] quick = [.. Enumerable.Range(0, 3).Select(_ => worker.Channel.Write(new TestRequest("/hello")))];
            uint waiting = worker.Channel.Write(new TestRequest($"/wait?{gate.Path}"));
            worker.Channel.Flush();
            Assert.All(quick, stream => Assert.Equal("hello", worker.Channel.ReadResponse(stream).Text));
            gate.Open();
            Assert.Equal("waited", worker.Channel.ReadResponse(waiting).Text);
        }
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void ResponseWindow_Exhausted_HoldsTheWorker(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        worker.Channel.GrantsWindow = false;
        uint stream = worker.Channel.Send(new TestRequest("/endless"));
        TestResponse response = worker.Channel.ReadPart(stream);
        while (response.Body.Length < ChannelFormat.InitialResponseWindow - 16 * 1024)
        {
            worker.Channel.ReadPart(stream);
        }

        int before = response.Body.Length;
        worker.Channel.Grant(stream, 100_000);
        while (response.Body.Length < before + 84_000)
        {
            worker.Channel.ReadPart(stream);
        }

        Assert.InRange(response.Body.Length, before, ChannelFormat.InitialResponseWindow + 100_000);
        worker.Channel.Cancel(stream);
        Assert.Equal(AbortReason.Cancelled, worker.Channel.ReadResponse(stream).Aborted);
        Assert.InRange(response.Body.Length, before, ChannelFormat.InitialResponseWindow + 100_000);
        Assert.Equal("endless", worker.Channel.Get("/closed").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Cancel_DuringAResponse_ClosesIt(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        uint stream = worker.Channel.Send(new TestRequest("/endless?pause"));
        worker.Channel.ReadPart(stream);
        worker.Channel.CancelWord(stream);

        Assert.Equal(AbortReason.Cancelled, worker.Channel.ReadResponse(stream).Aborted);
        Assert.Equal("endless", worker.Channel.Get("/closed").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Cancel_DuringWrite_RaisesInTheApplication(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        uint stream = worker.Channel.Send(new TestRequest("/endless_write"));
        worker.Channel.ReadPart(stream);
        worker.Channel.Cancel(stream);

        Assert.Equal(AbortReason.Cancelled, worker.Channel.ReadResponse(stream).Aborted);
        Assert.Equal("ClientDisconnected", worker.Channel.Get("/closed").Text);
        worker.Drain();
        Assert.Equal("", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Cancel_DuringRead_RaisesInTheApplication(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        uint stream = worker.Channel.Send(TestRequest.Post("/read_all", 1000));
        worker.Channel.SendBody(stream, new byte[10], isLast: false);
        TestWait.Until(() => worker.Channel.WordOf(stream) == Claim.Claimed(stream));
        worker.Channel.Cancel(stream);

        TestResponse response = worker.Channel.ReadResponse(stream);
        Assert.Equal((AbortReason.Cancelled, false), (response.Aborted, response.HasHead));
        Assert.Equal("ClientDisconnected", worker.Channel.Get("/closed").Text);
        worker.Drain();
        Assert.Equal("", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void ClientDisconnected_Cancelled_IsTrue(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        uint stream = worker.Channel.Send(new TestRequest("/wait_disconnected"));
        TestWait.Until(() => worker.Channel.WordOf(stream) == Claim.Claimed(stream));
        worker.Channel.CancelWord(stream);

        Assert.Equal("gone", worker.Channel.ReadResponse(stream).Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void ClientDisconnected_WhenTheClientEndedItsSide_IsTrueAndTheAnswerIsSent(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        uint stream = worker.Channel.Send(new TestRequest("/wait_disconnected"));
        TestWait.Until(() => worker.Channel.WordOf(stream) == Claim.Claimed(stream));
        worker.Channel.FinishClient(stream);

        TestResponse response = worker.Channel.ReadResponse(stream);
        Assert.Equal(("gone", 200), (response.Text, response.Status));
    }

    [Fact]
    public void Cancel_QueuedRequestWithoutAClaim_IsNotStarted()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        uint first = worker.Channel.Send(TestRequest.Post("/read_all", 3));
        uint behind = worker.Channel.Send(new TestRequest("/mark?never") { HasSlot = false });
        worker.Channel.Send(FrameType.Cancel, behind, []);
        worker.Channel.SendBody(first, "abc"u8.ToArray(), isLast: true);

        Assert.Equal("3", worker.Channel.ReadResponse(first).Text);
        Assert.Equal(AbortReason.Cancelled, worker.Channel.ReadResponse(behind).Aborted);
        Assert.Equal("", worker.Channel.Get("/started").Text);
    }

    [Fact]
    public void Frames_OfEndedStreams_AreIgnored()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        uint stream = worker.Channel.Send(new TestRequest("/hello"));
        worker.Channel.ReadResponse(stream);
        worker.Channel.Grant(stream, 1000);
        worker.Channel.SendBody(stream, new byte[1000], isLast: true);
        worker.Channel.Send(FrameType.Cancel, stream, []);

        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
    }

    [Fact]
    public void RequestWindow_NotRead_IsNotGranted()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        uint stream = worker.Channel.Send(TestRequest.Post("/read_some?100000", 10_000_000));
        for (int i = 0; i < 4; i++)
        {
            worker.Channel.SendBody(stream, new byte[ChannelFormat.MaxBodyChunk], isLast: false);
        }

        Assert.Equal("100000", worker.Channel.ReadResponse(stream).Text);
        Assert.False(worker.Channel.Granted.ContainsKey(stream));

        uint more = worker.Channel.Send(TestRequest.Post("/read_some?200000", 10_000_000));
        for (int i = 0; i < 4; i++)
        {
            worker.Channel.SendBody(more, new byte[ChannelFormat.MaxBodyChunk], isLast: false);
        }

        Assert.Equal("200000", worker.Channel.ReadResponse(more).Text);
        Assert.InRange(worker.Channel.Granted[more], ChannelFormat.InitialRequestWindow / 2, 200_000);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Threads_ThatUseOneRequest_AreRefused(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        using TestGate gate = new();
        worker.Channel.GrantsWindow = false;
        uint stream = worker.Channel.Send(new TestRequest($"/concurrent?{gate.Path}"));
        TestResponse response = worker.Channel.ReadPart(stream);
        while (response.Body.Length < ChannelFormat.InitialResponseWindow - 16 * 1024)
        {
            worker.Channel.ReadPart(stream);
        }

        // One thread waits for the window now, and the other finds that out.
        TestWait.Until(() => File.Exists(gate.Path));
        worker.Channel.Cancel(stream);
        Assert.Equal(AbortReason.Cancelled, worker.Channel.ReadResponse(stream).Aborted);
        Assert.Equal("another thread is using this request; only one can at a time", worker.Channel.Get("/closed").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Threads_RequestsOfSeveralChannels_RunAtATime(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control", threads: 2);
        uint first = worker.Channels[0].Send(new TestRequest("/meet"));
        uint second = worker.Channels[1].Send(new TestRequest("/meet"));

        Assert.Equal("MainThread", worker.Channels[0].ReadResponse(first).Text);
        Assert.Equal("darter-2", worker.Channels[1].ReadResponse(second).Text);
        Assert.Equal(0, worker.Drain());
    }
}
