using Darter.Wire;

namespace Darter.Gateway.Tests;

/// <summary>What an application does wrong, and what the client and the log get.</summary>
public sealed class ErrorTests
{
    [Theory, ClassData(typeof(Interpreters))]
    public void Exception_BeforeTheHead_Is500(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "responses");
        foreach (string target in new[]
        {
            "/raises", "/raises_after_start", "/raises_at_once", "/str_piece", "/not_iterable", "/returns_none", "/not_started", "/no_such_name",
        })
        {
            TestResponse response = worker.Channel.Get(target);
            Assert.Equal((500, "Internal Server Error\n"), (response.Status, response.Text));
            Assert.Equal("text/plain; charset=utf-8", response.Header("content-type"));
        }

        Assert.Equal("[0]", worker.Channel.Get("/closed").Text);
        Assert.Equal(0, worker.Drain());
        Assert.Contains("in GET /raises\nTraceback (most recent call last):", worker.Errors);
        Assert.Contains("ValueError: raised \u2713 before", worker.Errors);
        Assert.Contains("ValueError: raised after start_response", worker.Errors);
        Assert.Contains("TypeError: each piece of the body must be bytes, not str", worker.Errors);
        Assert.Contains("AssertionError: the application did not call start_response", worker.Errors);
        Assert.Contains("KeyError: 'no_such_name'", worker.Errors);
        Assert.Contains("'int' object is not iterable", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Exception_AfterTheHead_BreaksOff(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "responses");
        TestResponse later = worker.Channel.Get("/raises_later");
        Assert.Equal((200, "one", AbortReason.ApplicationError, "ValueError"), (later.Status, later.Text, later.Aborted, later.AbortText));
        Assert.Equal("[1]", worker.Channel.Get("/closed").Text);

        TestResponse text = worker.Channel.Get("/str_from_generator");
        Assert.Equal(("bytes", AbortReason.ApplicationError, "TypeError"), (text.Text, text.Aborted, text.AbortText));
        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Exception_InClose_IsReported(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "responses");
        TestResponse response = worker.Channel.Get("/raises_in_close");
        Assert.Equal(("one", null), (response.Text, response.Aborted));
        worker.Drain();
        Assert.Contains("ValueError: failed in close", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void SystemExit_FromTheApplication_EndsTheWorker(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "responses");
        uint exits = worker.Channel.Write(new TestRequest("/exits"));
        uint behind = worker.Channel.Write(new TestRequest("/hello"));
        worker.Channel.Flush();

        Assert.Equal(500, worker.Channel.ReadResponse(exits).Status);
        Assert.Null(worker.Channel.TryReadFrame());
        Assert.Equal(Claim.Offered(behind), worker.Channel.WordOf(behind));
        Assert.Equal(0, worker.WaitForExit());
    }

    [Fact]
    public void SystemExit_InOneThread_EndsTheOthers()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "responses", threads: 3);

        Assert.Equal(500, worker.Channels[1].Get("/exits").Status);
        Assert.All(worker.Channels, channel => Assert.Null(channel.TryReadFrame()));
        Assert.Equal(0, worker.WaitForExit());
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Errors_Stream_FollowsStderr(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "responses");
        Assert.Equal("captured", worker.Channel.Get("/errors").Text);
        worker.Drain();
        Assert.Equal("one line\ntwo pieces\n", worker.Errors);
    }
}
