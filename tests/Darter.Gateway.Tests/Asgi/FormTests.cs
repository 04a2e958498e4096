namespace Darter.Gateway.Tests.Asgi;

/// <summary>Which interface an application has, and the forms of ASGI.</summary>
public sealed class FormTests
{
    [Theory]
    [InlineData("function")]
    [InlineData("instance")]
    [InlineData("sync_instance")]
    [InlineData("awaitable_class")]
    [InlineData("double_class")]
    [InlineData("double_function")]
    [InlineData("plain_function")]
    [InlineData("future_function")]
    [InlineData("decorated_function")]
    [InlineData("decorated_plain")]
    [InlineData("method")]
    [InlineData("static")]
    [InlineData("partial")]
    public void Form_OfAsgi_IsServed(string name)
    {
        foreach (TheoryDataRow<string> python in new Interpreters())
        {
            using TestWorker worker = TestWorker.StartAsgi(python.Data, "forms", $"app:{name}");
            Assert.Equal("asgi", worker.Channel.Get("/").Text);
            Assert.Equal("asgi", worker.Channel.Get("/").Text);
            Assert.Equal(0, worker.Drain());
            Assert.Equal("", worker.Errors);
        }
    }

    [Theory]
    [InlineData("wsgi_function")]
    [InlineData("wsgi_instance")]
    [InlineData("wsgi_class")]
    [InlineData("wsgi_anything")]
    [InlineData("wsgi_default")]
    [InlineData("wsgi_decorated")]
    public void Form_OfWsgi_IsTakenForIt(string name)
    {
        foreach (string python in new[] { Interpreters.Newest, Interpreters.Oldest })
        {
            using TestWorker worker = TestWorker.Launch(python, Repository.AsgiApp("forms"), $"app:{name}");
            worker.Channel.Open();
            TestFrame ready = worker.Channel.ReadFrame();
            Assert.Equal(1, ready.Payload[0]);
            Assert.Equal("wsgi", worker.Channel.Get("/").Text);
        }
    }

    [Theory]
    [InlineData("raises_when_called", "ValueError: raised when called")]
    [InlineData("returns_nothing", "TypeError: ")]
    public void Form_ThatFails_IsAnError(string name, string expected)
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "forms", $"app:{name}");

        Assert.Equal(500, worker.Channel.Get("/").Status);
        worker.Drain();
        Assert.Contains(expected, worker.Errors);
    }

    [Fact]
    public void Loop_ThatIsNot_IsExplained()
    {
        Assert.Contains("--loop nothing is none of", TestWorker.FailAsgi(Interpreters.Newest, "forms", "app:function", new() { ["loop"] = "nothing" }));
        Assert.Contains("No module named 'nowhere'", TestWorker.FailAsgi(Interpreters.Newest, "forms", "app:function", new() { ["loop"] = "nowhere:loop" }));
        Assert.Contains("gives no event loop", TestWorker.FailAsgi(Interpreters.Newest, "forms", "app:function", new() { ["loop"] = "builtins:dict" }));
    }

    [Theory]
    [InlineData("asyncio", "SelectorEventLoop")]
    [InlineData("asyncio:new_event_loop", "EventLoop")]
    public void Loop_Chosen_IsUsed(string loop, string expected)
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "tasks", settings: new() { ["loop"] = loop });

        Assert.EndsWith(expected, worker.Channel.Get("/loop_kind").Text);
    }

    [Fact]
    public void Loop_Uvloop_IsUsedWhereItIs()
    {
        string python = Interpreters.With("uvloop");
        using TestWorker worker = TestWorker.StartAsgi(python, "tasks");
        Assert.Equal("uvloop.Loop", worker.Channel.Get("/loop_kind").Text);
        Assert.Equal("new", worker.Channel.Get("/current").Text);
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }
}
