using System.Text;

namespace Darter.Gateway.Tests.Asgi;

/// <summary>What asyncio promises to the code of a request.</summary>
public sealed class TaskTests
{
    [Theory, ClassData(typeof(Interpreters))]
    public void Task_OfEachRequest_IsItsOwn(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("new", worker.Channel.Get("/current").Text);
            Assert.Equal("new", worker.Channel.Get("/current_at_once").Text);
        }

        Assert.Equal("2", worker.Channel.Get("/count").Text);
        Assert.Equal("ok", worker.Channel.Get("/callback").Text);
        TestWait.Until(() => worker.Channel.Get("/ask").Text == "done None");
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Context_OfEachRequest_IsItsOwn(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");

        Assert.Equal("unset first first", worker.Channel.Get("/context?first").Text);
        Assert.Equal("unset second second", worker.Channel.Get("/context?second").Text);
        uint stream = worker.Channel.Send(TestRequest.Post("/context_of_wake", 5));
        Assert.Equal("unset third third", worker.Channel.Get("/context?third").Text);
        worker.Channel.SendBody(stream, "hello"u8.ToArray(), isLast: true);
        Assert.Equal("kept 5", worker.Channel.ReadResponse(stream).Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Cancellation_OfAWait_IsAsOfAFuture(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");

        Assert.Equal("timeout wait_for", worker.Channel.Get("/timeout").Text);
        Assert.Equal("cancelled ()\nfinally", worker.Channel.Get("/cancelled_wait").Text);
        Assert.Contains(worker.Channel.Get("/cancel_message").Text, new[] { "cancelled ('why',)", "cancelled ()" });
        Assert.Equal("answered", worker.Channel.Get("/cancel_swallowed").Text);
        TestWait.Until(() => worker.Channel.Get("/ask").Text == "swallowed\nhttp.disconnect");
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Fact]
    public void Cancellation_WithAMessage_KeepsIt()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "tasks");

        Assert.Equal("cancelled ('why',)", worker.Channel.Get("/cancel_message").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Receive_BySeveralTasks_GoesToOne(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");
        uint stream = worker.Channel.Send(TestRequest.Post("/two_receivers", 5));
        Assert.True(int.Parse(worker.Channel.Get("/count").Text) >= 3);
        worker.Channel.SendBody(stream, "hello"u8.ToArray(), isLast: true);

        Assert.Equal("hello", worker.Channel.ReadResponse(stream).Text);
        TestWait.Until(() => worker.Channel.Get("/ask").Text == "http.disconnect");
        stream = worker.Channel.Send(TestRequest.Post("/nested", 2), Encoding.ASCII.GetBytes("hi"));
        Assert.Equal("hi!", worker.Channel.ReadResponse(stream).Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Tasks_OfTheApplication_Run(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");

        Assert.Equal("[0, 1, 2]", worker.Channel.Get("/groups").Text);
        Assert.Equal("True", worker.Channel.Get("/blocking").Text);
        Assert.Equal("answered", worker.Channel.Get("/background").Text);
        TestWait.Until(() => worker.Channel.Get("/ask").Text == "background done");
        Assert.Equal("answered", worker.Channel.Get("/background_at_once").Text);
        Assert.Equal("at once", worker.Channel.Get("/ask").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Drain_BackgroundWork_IsFinished(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");
        Assert.Equal("answered", worker.Channel.Get("/background").Text);

        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void TaskFactory_OfTheApplication_IsUsed(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");
        Assert.Equal("0", worker.Channel.Get("/factory?set").Text);
        Assert.Equal("1", worker.Channel.Get("/factory").Text);
        Assert.Equal("new", worker.Channel.Get("/current").Text);
        Assert.Equal("3", worker.Channel.Get("/factory?unset").Text);
        Assert.Equal("3", worker.Channel.Get("/factory").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void ExceptionHandler_OfTheLoop_IsTheApplications(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");

        Assert.Equal("ValueError('in a callback')", worker.Channel.Get("/handler").Text);
    }
}
