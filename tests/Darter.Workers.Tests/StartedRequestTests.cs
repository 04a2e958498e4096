using System.Diagnostics;
using Darter.Wire;

namespace Darter.Workers.Tests;

/// <summary>Requests that a worker has started: which they are, and what becomes of those that take too long.</summary>
public sealed class StartedRequestTests : IDisposable
{
    private readonly ChannelHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void CollectStarted_OfAThread_GivesTheOneThatWasClaimed()
    {
        (Channel channel, FakeWorker worker) = _harness.Open();
        FakeStream running = new("/running");
        _harness.Run(() =>
        {
            channel.Send(running);
            channel.Send(new FakeStream("/ahead"));
        });
        Assert.Empty(Started(channel));

        worker.ReadRequest();

        Assert.Equal([running], Started(channel));
        Assert.Empty(Started(channel, before: 0));
    }

    [Fact]
    public void CollectStarted_OfAnEventLoop_GivesThoseStartedBeforeATime()
    {
        (Channel channel, FakeWorker worker) = _harness.Open(application: ApplicationInterface.Asgi);
        FakeStream first = _harness.Add("/first");
        worker.ReadRequest();
        Assert.Equal([first], Started(channel));
        long between = Stopwatch.GetTimestamp();
        FakeStream second = _harness.Add("/second");
        worker.ReadRequest();
        _harness.Add("/unstarted");
        worker.ReadRequest(claim: false);

        Assert.Equal([first, second], Started(channel));
        Assert.Equal([first], Started(channel, between));
    }

    [Fact]
    public void Abandon_FreesTheStreamAndIgnoresWhatStillComes()
    {
        (Channel channel, FakeWorker worker) = _harness.Open();
        FakeStream stream = _harness.Add("/late");
        (uint id, _) = worker.ReadRequest();

        Assert.Equal(id, _harness.Run(() => channel.Abandon(stream)));

        Assert.True(_harness.Run(() => stream.IsIdle && channel.IsBusy && !channel.IsAwaited && channel.IsRunning(id)));
        Assert.Equal(Claim.Cancelled(id), worker.Word(0));
        worker.Respond(id, "too late");
        _harness.WaitFor(() => !channel.IsBusy);
        Assert.Empty(stream.Events);
        Assert.Equal("/next", NextTarget(worker));
    }

    [Fact]
    public void CancelAbandoned_TellsTheEventLoopOnce()
    {
        (Channel channel, FakeWorker worker) = _harness.Open(application: ApplicationInterface.Asgi);
        FakeStream stream = _harness.Add("/late");
        (uint id, _) = worker.ReadRequest();
        _harness.Run(() =>
        {
            channel.ObserveClaims();
            channel.CancelAbandoned(channel.Abandon(stream));
        });

        Assert.Equal(CancelReason.TimedOut, worker.Expect(FrameType.Cancel, id));
        worker.Write(FrameType.Abort, FrameFlags.None, id, [(byte)AbortReason.ApplicationError]);
        _harness.WaitFor(() => !channel.IsRunning(id));
        _harness.Run(() => channel.CancelAbandoned(id));
        Assert.Equal("/next", NextTarget(worker));
    }

    [Fact]
    public void Request_ThatCannotBeTakenBack_IsCancelledByItsWordToo()
    {
        (Channel channel, FakeWorker worker) = _harness.Open();
        FakeStream stream = _harness.Add("/upload", body: new byte[10], canSendAgain: false);
        (uint id, _) = worker.ReadRequest();
        Assert.Equal(Claim.Claimed(id), worker.Word(0));

        _harness.Run(() => channel.Cancel(stream));

        Assert.Equal(Claim.Cancelled(id), worker.Word(0));
    }

    [Fact]
    public void MarkClientFinished_IsSeenInThePage()
    {
        (Channel channel, FakeWorker worker) = _harness.Open();
        FakeStream stream = _harness.Add("/a");
        (uint id, _) = worker.ReadRequest();
        Assert.NotEqual(id, worker.Word(Claim.ClientWord(0)));

        _harness.Run(() => channel.MarkClientFinished(stream));

        Assert.Equal(id, worker.Word(Claim.ClientWord(0)));
        Assert.Equal(Claim.Claimed(id), worker.Word(0));
    }

    [Theory]
    [InlineData(ApplicationInterface.Wsgi)]
    [InlineData(ApplicationInterface.Asgi)]
    public void Worker_ThatDies_GivesBackWhatMayBeRunAgain_Once(ApplicationInterface application)
    {
        _harness.RepeatsIdempotent = true;
        (Channel first, FakeWorker one) = _harness.Open(application: application);
        FakeStream stream = new("/get") { Repeatable = true };
        _harness.Run(() => _harness.Queue.Add(stream));
        one.ReadRequest();

        _harness.Run(() => first.Close());
        (Channel second, FakeWorker two) = _harness.Open(application: application);
        Assert.Equal("/get", two.ReadRequest().Target);
        Assert.Equal(["again"], stream.Events);

        _harness.Run(() => second.Close());
        Assert.Equal(["again", "failed WorkerDied"], stream.Events);
    }

    [Fact]
    public void Worker_ThatDies_FailsWhatMayNotBeRunAgain()
    {
        _harness.RepeatsIdempotent = true;
        (Channel channel, FakeWorker worker) = _harness.Open(application: ApplicationInterface.Asgi);
        FakeStream stream = _harness.Add("/post");
        worker.ReadRequest();

        _harness.Run(() => channel.Close());

        Assert.Equal(["failed WorkerDied"], stream.Events);
    }

    [Fact]
    public void Worker_ThatHasEndedAsManyAsItMay_IsReported()
    {
        (Channel channel, FakeWorker worker) = _harness.Open();
        _harness.Run(() => channel.Worker.MostServed = 2);
        for (int i = 0; i < 3; i++)
        {
            FakeStream stream = _harness.Add($"/{i}");
            worker.Respond(worker.ReadRequest().Stream, "");
            _harness.WaitFor(() => stream.Events.Count == 1);
        }

        Assert.Equal(["worn"], _harness.Events);
    }

    private WorkerStream[] Started(Channel channel, long before = long.MaxValue) => _harness.Run(() =>
    {
        List<WorkerStream> started = [];
        channel.CollectStarted(started, before);
        return started.ToArray();
    });

    private string NextTarget(FakeWorker worker)
    {
        _harness.Add("/next");
        return worker.ReadRequest().Target;
    }
}
