using Darter.Wire;

namespace Darter.Gateway.Tests.Asgi;

/// <summary>CANCEL because a request took too long: its task is cancelled, and its stream ends with the task.</summary>
public class TimeOutTests
{
    [Theory, ClassData(typeof(Interpreters))]
    public void Task_OfARequestThatTookTooLong_IsCancelled(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");
        TimeOut(worker, "/hang");

        Assert.Equal("cancelled", worker.Channel.Get("/ask").Text);
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Theory]
    [InlineData("receive", "cancelled\nhttp.disconnect")]
    [InlineData("send", "cancelled\nClientDisconnected")]
    public void Task_ThatGoesOn_FindsItsClientGone(string does, string seen)
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "tasks");
        TimeOut(worker, $"/hang?{does}");

        Assert.Equal(seen, worker.Channel.Get("/ask").Text);
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Fact]
    public void Cancel_ForAnotherReason_EndsTheWorker()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "tasks");
        uint stream = worker.Channel.Send(new TestRequest("/hang"));
        worker.Channel.Send(FrameType.Cancel, stream, [3]);

        Assert.Equal(70, worker.WaitForExit());
    }

    private static void TimeOut(TestWorker worker, string target)
    {
        uint stream = worker.Channel.Send(new TestRequest(target));

        // Behind it: it was started before.
        Assert.NotEqual("", worker.Channel.Get("/count").Text);
        worker.Channel.Send(FrameType.Cancel, stream, CancelReason.TimedOut.ToArray());
        TestResponse response = worker.Channel.ReadResponse(stream);
        Assert.True(response.Status == 500 || response.Aborted is not null, "the stream was ended");
    }
}
