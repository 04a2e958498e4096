using System.Diagnostics;
using Darter.Gateway.Tests.Native;
using Darter.Wire;

namespace Darter.Gateway.Tests;

/// <summary>From the start of a worker to its end.</summary>
public sealed class LifecycleTests
{
    [Theory, ClassData(typeof(Interpreters))]
    public void Start_Process_IsSetUp(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");

        Assert.Equal("['absent', True, False, True, True, True, 'app']", worker.Channel.Get("/process").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Ready_Worker_SaysItsInterpreter(string python)
    {
        using TestWorker worker = TestWorker.Launch(python, Repository.App("control"), "app");
        worker.Channel.Open();
        TestFrame ready = worker.Channel.ReadFrame();

        Assert.Equal(FrameType.Ready, ready.Type);
        Assert.Equal(1, ready.Payload[0]);
        Assert.Matches("^cpython 3\\.[0-9]+\\.[0-9]+$", ready.Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Drain_QueuedRequests_AreFinished(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        uint[] streams = [.. Enumerable.Range(0, 5).Select(i => worker.Channel.Write(new TestRequest($"/mark?{i}")))];
        uint last = worker.Channel.Write(new TestRequest("/at_exit"));
        worker.Channel.Send(FrameType.Drain, 0, []);

        Assert.All(streams, stream => Assert.Equal("marked", worker.Channel.ReadResponse(stream).Text));
        Assert.Equal("ok", worker.Channel.ReadResponse(last).Text);
        Assert.Null(worker.Channel.TryReadFrame());
        Assert.Equal(0, worker.WaitForExit());
        Assert.Contains("atexit ran", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Drain_OneOfTwoThreads_LeavesTheOther(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control", threads: 2);
        worker.Channels[0].Send(FrameType.Drain, 0, []);
        Assert.Null(worker.Channels[0].TryReadFrame());

        Assert.Equal("hello", worker.Channels[1].Get("/hello").Text);
        worker.Channels[1].Send(FrameType.Drain, 0, []);
        Assert.Equal(0, worker.WaitForExit());
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void EndOfFile_IdleWorker_Ends(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control", threads: 2);
        Assert.Equal("ok", worker.Channel.Get("/at_exit").Text);
        worker.Channels[0].Socket.ShutdownSending();
        worker.Channels[1].Socket.ShutdownSending();

        Assert.Equal(0, worker.WaitForExit());
        Assert.Contains("atexit ran", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void EndOfFile_InsideTheApplication_EndsTheWorker(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        uint stream = worker.Channel.Send(TestRequest.Post("/read_all", 1000));
        TestWait.Until(() => worker.Channel.WordOf(stream) == Claim.Claimed(stream));
        worker.Channel.Dispose();

        Assert.Equal(0, worker.WaitForExit());
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Sigterm_IdleThreads_End(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control", threads: 3);
        Assert.Equal("ok", worker.Channel.Get("/at_exit").Text);
        worker.Signal(LibC.SIGTERM);

        Assert.Equal(0, worker.WaitForExit());
        Assert.Contains("atexit ran", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Sigterm_DuringARequest_FinishesIt(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        using TestGate gate = new();
        uint stream = worker.Channel.Send(new TestRequest($"/wait?{gate.Path}"));
        uint behind = worker.Channel.Send(new TestRequest("/hello"));
        TestWait.Until(() => worker.Channel.WordOf(stream) == Claim.Claimed(stream));
        worker.Signal(LibC.SIGTERM);
        gate.Open();

        Assert.Equal("waited", worker.Channel.ReadResponse(stream).Text);
        Assert.Null(worker.Channel.TryReadFrame());
        Assert.Equal(Claim.Offered(behind), worker.Channel.WordOf(behind));
        Assert.Equal(0, worker.WaitForExit());
    }

    [Fact]
    public void Sigint_Worker_GoesOn()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "control");
        worker.Signal(2);

        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Handler_ThatRaises_WhileWaiting_EndsTheWorker(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        Assert.Equal($"{worker.ProcessId}", worker.Channel.Get("/handler").Text);
        worker.Signal(10);

        Assert.Equal(1, worker.WaitForExit());
        Assert.Contains("RuntimeError: raised by a handler", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Fork_ChildThatReturns_Ends(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");

        Assert.Equal("0", worker.Channel.Get("/fork").Text);
        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Fork_ChildThatStays_DoesNotHoldTheChannel(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "control");
        int child = int.Parse(worker.Channel.Get("/fork_and_stay").Text);
        worker.Signal(LibC.SIGKILL);

        Assert.Null(worker.Channel.TryReadFrame());
        using Process staying = Process.GetProcessById(child);
        staying.Kill();
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Parent_Gone_EndsTheWorker(string python)
    {
        using TestWorker worker = TestWorker.LaunchBelowAShell(python, Repository.App("control"), "app");
        worker.Channel.Open();
        Assert.Equal(FrameType.Ready, worker.Channel.ReadFrame().Type);
        worker.Signal(LibC.SIGKILL);

        Assert.Null(worker.Channel.TryReadFrame());
    }
}
