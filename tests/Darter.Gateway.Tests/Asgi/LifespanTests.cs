using Darter.Gateway.Tests.Native;
using Darter.Wire;

namespace Darter.Gateway.Tests.Asgi;

/// <summary>From the start of an ASGI worker to its end.</summary>
public sealed class LifespanTests
{
    private static readonly Dictionary<string, object> On = new() { ["lifespan"] = "on" };
    private static readonly Dictionary<string, object> Off = new() { ["lifespan"] = "off" };

    [Theory, ClassData(typeof(Interpreters))]
    public void Lifespan_Good_RunsFromReadyToTheEnd(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "lifespan", "app:good", On);
        Assert.Equal("[('started', True)]", worker.Channel.Get("/").Text);
        Assert.Equal(0, worker.Drain());

        Assert.Equal(
            """
            scope [('asgi', {'version': '3.0', 'spec_version': '2.0'}), ('state', {}), ('type', 'lifespan')]
            received {'type': 'lifespan.startup'}
            received {'type': 'lifespan.shutdown'}
            state ['started']
            ended

            """,
            worker.Errors);
    }

    [Fact]
    public void Lifespan_Off_IsNotRun()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "lifespan", "app:good", Off);

        Assert.Equal("[]", worker.Channel.Get("/").Text);
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Theory]
    [InlineData("app:unsupported")]
    [InlineData("app:returns")]
    [InlineData("app:ends_early")]
    public void Lifespan_NotKnown_IsLeftOut(string target)
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "lifespan", target);

        Assert.Equal("[]", worker.Channel.Get("/").Text);
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Startup_ThatFails_IsSaid(string python)
    {
        Assert.Equal("the database is not there", TestWorker.FailAsgi(python, "lifespan", "app:failing"));
        Assert.Equal("The application says that its startup failed.", TestWorker.FailAsgi(python, "lifespan", "app:failing_mutely"));
        Assert.Equal("first this", TestWorker.FailAsgi(python, "lifespan", "app:failing_and_raising"));
        Assert.Contains("SystemExit: 4", TestWorker.FailAsgi(python, "lifespan", "app:exiting"));
        Assert.Contains("AssertionError", TestWorker.FailAsgi(python, "lifespan", "app:unsupported", On));
        Assert.Contains("without having started", TestWorker.FailAsgi(python, "lifespan", "app:returns", On));
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Shutdown_ThatFails_IsLogged(string python)
    {
        using TestWorker said = TestWorker.StartAsgi(python, "lifespan", "app:shutdown_fails");
        Assert.Equal(0, said.Drain());
        Assert.Null(said.Channel.TryReadFrame());
        Assert.Equal(["the application's shutdown failed: could not write"], said.Channel.Log);

        using TestWorker raised = TestWorker.StartAsgi(python, "lifespan", "app:shutdown_raises");
        Assert.Equal(0, raised.Drain());
        Assert.Null(raised.Channel.TryReadFrame());
        Assert.Contains("ValueError: raised in the shutdown", Assert.Single(raised.Channel.Log));
    }

    [Fact]
    public void Message_OutOfOrder_IsRefused()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "lifespan", "app:out_of_order");
        worker.Drain();

        Assert.Equal(
            """
            refused unexpected ASGI message 'lifespan.shutdown.complete'
            refused unexpected ASGI message 'http.response.start'
            refused unexpected ASGI message 'lifespan.startup.complete'

            """,
            worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void End_WhatIsLeftOver_IsCleanedUp(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "lifespan", "app:generators");
        Assert.Equal("[]", worker.Channel.Get("/").Text);
        Assert.Equal(0, worker.Drain());

        Assert.Contains("executed\n", worker.Errors);
        Assert.Contains("task cancelled\n", worker.Errors);
        Assert.Contains("generator closed\n", worker.Errors);
        Assert.DoesNotContain("Traceback", worker.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Drain_RunningRequest_IsFinishedBeforeTheShutdown(bool bySignal)
    {
        foreach (TheoryDataRow<string> python in new Interpreters())
        {
            using TestWorker worker = TestWorker.StartAsgi(python.Data, "lifespan", "app:slow");
            uint waiting = worker.Channel.Send(new TestRequest("/wait"));
            Assert.Equal(200, worker.Channel.Get("/").Status);
            uint releasing = worker.Channel.Send(TestRequest.Post("/release", -1));
            Assert.Equal(200, worker.Channel.Get("/").Status);
            if (bySignal)
            {
                worker.Signal(LibC.SIGTERM);
            }
            else
            {
                worker.Channel.Send(FrameType.Drain, 0, []);
            }

            worker.Channel.SendBody(releasing, [], isLast: true);
            Assert.Equal(200, worker.Channel.ReadResponse(releasing).Status);
            Assert.Equal(200, worker.Channel.ReadResponse(waiting).Status);
            Assert.Null(worker.Channel.TryReadFrame());
            Assert.Equal(0, worker.WaitForExit());
            Assert.Equal("request done\nshutdown\n", worker.Errors);
        }
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Sigterm_IdleWorker_Ends(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "lifespan", "app:good");
        worker.Signal(LibC.SIGTERM);

        Assert.Equal(0, worker.WaitForExit());
        Assert.EndsWith("ended\n", worker.Errors);
        Assert.Null(worker.Channel.TryReadFrame());
        Assert.True(worker.Channel.IsLeaving);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Sigterm_RunningRequest_IsFinishedAfterTheFrontWasTold(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "lifespan", "app:slow");
        uint waiting = worker.Channel.Send(new TestRequest("/wait"));
        Assert.Equal(200, worker.Channel.Get("/").Status);
        worker.Signal(LibC.SIGTERM);
        TestWait.Until(() =>
        {
            Assert.Equal(200, worker.Channel.Exchange(new TestRequest("/") { HasSlot = false }).Status);
            return worker.Channel.IsLeaving;
        });

        Assert.Equal(200, worker.Channel.Exchange(new TestRequest("/release") { HasSlot = false }).Status);
        Assert.Equal(200, worker.Channel.ReadResponse(waiting).Status);
        Assert.Equal(0, worker.WaitForExit());
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Sigterm_RequestBehind_StaysWithTheFront(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "lifespan", "app:slow");
        uint waiting = worker.Channel.Send(TestRequest.Post("/release", -1));
        Assert.Equal(200, worker.Channel.Get("/").Status);
        worker.Signal(LibC.SIGTERM);
        TestWait.Until(() =>
        {
            uint behind = worker.Channel.Write(new TestRequest("/"));

            // One without a claim cannot be taken back, so it is served still.
            Assert.Equal(200, worker.Channel.Exchange(new TestRequest("/") { HasSlot = false }).Status);
            return worker.Channel.WordOf(behind) == Claim.Offered(behind);
        });

        worker.Channel.SendBody(waiting, [], isLast: true);
        Assert.Equal(200, worker.Channel.ReadResponse(waiting).Status);
        Assert.Equal(0, worker.WaitForExit());
    }

    [Fact]
    public void Sigint_Worker_GoesOn()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "lifespan", "app:good");
        worker.Signal(2);

        Assert.Equal(200, worker.Channel.Get("/").Status);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void SignalHandler_OfTheApplication_IsCalled(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "lifespan", "app:handles_signal");
        Assert.Equal(200, worker.Channel.Get("/install").Status);
        uint waiting = worker.Channel.Send(new TestRequest("/wait"));
        Assert.Equal(200, worker.Channel.Get("/").Status);
        worker.Signal(10);

        Assert.Equal(200, worker.Channel.ReadResponse(waiting).Status);
        Assert.Equal(0, worker.Drain());
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void EndOfFile_RunningRequest_EndsTheWorkerAtOnce(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "lifespan", "app:slow");
        worker.Channel.Send(new TestRequest("/wait"));
        Assert.Equal(200, worker.Channel.Get("/").Status);
        worker.Channel.Socket.ShutdownSending();

        Assert.Equal(0, worker.WaitForExit());
        Assert.Equal("", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Drain_WithTheHello_EndsTheWorker(string python)
    {
        using TestWorker worker = TestWorker.Launch(python, Repository.AsgiApp("lifespan"), "app:good");
        TestFrame hello = worker.Channel.ReadFrame();
        Assert.Equal(FrameType.Hello, hello.Type);
        worker.Channel.SendHello(Convert.FromHexString(TestWorker.Token));
        worker.Channel.Send(FrameType.Drain, 0, []);

        Assert.Equal(FrameType.Ready, worker.Channel.ReadFrame().Type);
        Assert.Null(worker.Channel.TryReadFrame());
        Assert.Equal(0, worker.WaitForExit());
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Threads_SeveralChannels_ShareOneLoop(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "lifespan", "app:good", threads: 3);

        Assert.All(worker.Channels, channel => Assert.Equal(200, channel.Get("/").Status));
        Assert.Single(worker.Channel.Log, line => line.Contains("threads are of no use"));
        worker.Channels[1].Send(FrameType.Drain, 0, []);
        Assert.Equal(200, worker.Channels[0].Get("/").Status);
        worker.Channels[0].Send(FrameType.Drain, 0, []);
        worker.Channels[2].Send(FrameType.Drain, 0, []);
        Assert.Equal(0, worker.WaitForExit());
    }
}
