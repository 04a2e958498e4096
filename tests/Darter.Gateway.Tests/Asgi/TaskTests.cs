using System.Text;
using Darter.Wire;

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
    public void CallSoon_OfTheApplication_IsUsed(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");
        Assert.Equal("0", worker.Channel.Get("/own_call_soon?set").Text);
        Assert.Equal("new", worker.Channel.Get("/current_at_once").Text);
        int calls = int.Parse(worker.Channel.Get("/own_call_soon?unset").Text);
        Assert.Equal("new", worker.Channel.Get("/current").Text);

        // Eager tasks need no call_soon, and none came from elsewhere.
        bool hasEagerTasks = Interpreters.VersionOf(python) >= new Version(3, 12);
        Assert.True(hasEagerTasks ? calls == 0 : calls >= 2, $"{calls} calls");
        Assert.Equal($"{calls}", worker.Channel.Get("/own_call_soon").Text);
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void CallSoon_SetWhileOthersCome_IsKept(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");
        uint set = worker.Channel.Write(new TestRequest("/own_call_soon?set"));
        uint others = worker.Channel.Write(new TestRequest("/current_at_once"));
        uint unset = worker.Channel.Write(new TestRequest("/own_call_soon?unset"));
        worker.Channel.Flush();

        Assert.Equal("0", worker.Channel.ReadResponse(set).Text);
        Assert.Equal("new", worker.Channel.ReadResponse(others).Text);
        Assert.Equal(200, worker.Channel.ReadResponse(unset).Status);
        Assert.Equal("new", worker.Channel.Get("/current").Text);
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Scheduled_WhileATaskIsMade_Runs(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");
        Assert.Equal("ok", worker.Channel.Get("/while_made?set").Text);
        Assert.Equal("new", worker.Channel.Get("/current_at_once").Text);
        Assert.Equal("new", worker.Channel.Get("/current_at_once").Text);
        Assert.Equal("ok", worker.Channel.Get("/while_made?unset").Text);
        Assert.Equal("new", worker.Channel.Get("/current").Text);

        string[] seen = worker.Channel.Get("/ask").Text.Split('\n');
        foreach (string expected in (string[])["plain", "noted unset", "with an argument", "kept"])
        {
            Assert.True(seen.Count(line => line == expected) >= 3, $"{expected}: {string.Join(", ", seen)}");
        }

        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void CreateTask_OfALoopOfTheApplication_IsUsed(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks", settings: new() { ["loop"] = "app:OwnTasks" });
        int before = int.Parse(worker.Channel.Get("/own_call_soon").Text);
        Assert.Equal("new", worker.Channel.Get("/current").Text);
        Assert.Equal($"{before + 2}", worker.Channel.Get("/own_call_soon").Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void BlockedLoop_WhatIsBehind_CanBeTakenBack(string python) => CheckBlocked(python, "auto");

    [Fact]
    public void BlockedUvloop_WhatIsBehind_CanBeTakenBack() => CheckBlocked(Interpreters.With("uvloop"), "uvloop");

    [Theory, ClassData(typeof(Interpreters))]
    public void ExceptionHandler_OfTheLoop_IsTheApplications(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");

        Assert.Equal("ValueError('in a callback')", worker.Channel.Get("/handler").Text);
    }

    private static void CheckBlocked(string python, string loop)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks", settings: new() { ["loop"] = loop });
        using TestGate gate = new();
        uint blocks = worker.Channel.Write(new TestRequest($"/blocks?{gate.Path}"));
        uint behind = worker.Channel.Write(new TestRequest("/current_at_once"));
        worker.Channel.Flush();
        Assert.Equal("blocks", worker.Channel.ReadPart(blocks).Text);
        Assert.Equal(Claim.Offered(behind), worker.Channel.WordOf(behind));
        gate.Open();

        Assert.Equal("blocks", worker.Channel.ReadResponse(blocks).Text);
        Assert.Equal("new", worker.Channel.ReadResponse(behind).Text);
        Assert.Equal(0, worker.Drain());
    }
}
