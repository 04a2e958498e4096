using System.Text;
using System.Text.Json;

namespace Darter.Gateway.Tests.Asgi;

/// <summary>Starlette and anyio behave as under any other server.</summary>
public sealed class FrameworkTests
{
    [Theory]
    [InlineData("app:app", "asyncio")]
    [InlineData("app:wrapped", "asyncio")]
    [InlineData("app:app", "auto")]
    [InlineData("app:wrapped", "auto")]
    public void Starlette_Requests_AreServed(string target, string loop)
    {
        using TestWorker worker = Start(target, loop);
        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
        Assert.Equal("0\n1\n2\n3\n4\n", worker.Channel.Get("/stream_out").Text);
        Assert.Equal("[0,1,2]", worker.Channel.Get("/group").Text);
        Assert.Equal("[true,true,\"timeout\"]", worker.Channel.Get("/scopes").Text);
        Assert.Equal(404, worker.Channel.Get("/nowhere").Status);
        Assert.Equal(405, worker.Channel.Exchange(new TestRequest("/hello", "DELETE")).Status);
        Assert.Equal(500, worker.Channel.Get("/raising").Status);
        Assert.Equal(File.ReadAllText(Path.Combine(Repository.AsgiApp("frameworks"), "app.py")), worker.Channel.Get("/file").Text);

        byte[] body = Encoding.ASCII.GetBytes(new string('x', 100_000));
        using JsonDocument form = JsonDocument.Parse(worker.Channel.ReadResponse(worker.Channel.Send(TestRequest.Post("/form?a=b", body.Length), body)).Text);
        Assert.Equal(100_000, form.RootElement.GetProperty("length").GetInt32());
        Assert.Equal("b", form.RootElement.GetProperty("query").GetProperty("a").GetString());
        Assert.Equal("http://127.0.0.1:8000/form?a=b", form.RootElement.GetProperty("url").GetString());
        Assert.Equal("100000", worker.Channel.ReadResponse(worker.Channel.Send(TestRequest.Post("/stream_in", body.Length), body)).Text);
        Assert.Equal(0, worker.Drain());
        Assert.Contains("ValueError: raised in Starlette", worker.Errors);
        Assert.DoesNotContain("CancelledError", worker.Errors);
    }

    [Theory]
    [InlineData("app:app")]
    [InlineData("app:wrapped")]
    public void Starlette_Background_RunsAfterTheResponse(string target)
    {
        using TestWorker worker = Start(target);
        Assert.Equal("answered", worker.Channel.Get("/background").Text);
        List<string> seen = [];
        TestWait.Until(() =>
        {
            seen.AddRange(worker.Channel.Get("/ask").Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            return seen.Count == 2;
        });
        Assert.Equal(["asynchronous", "in a thread"], seen);
    }

    [Theory]
    [InlineData("app:app")]
    [InlineData("app:wrapped")]
    public void Starlette_ClientThatLeaves_EndsTheStream(string target)
    {
        using TestWorker worker = Start(target);
        Assert.Equal("[false,false]", worker.Channel.Get("/is_disconnected").Text);
        uint stream = worker.Channel.Send(new TestRequest("/endless"));
        while (worker.Channel.ReadPart(stream).Body.Length < 5000)
        {
        }

        worker.Channel.Cancel(stream);
        TestWait.Until(() => worker.Channel.Get("/ask").Text == "stream ended");
        uint reading = worker.Channel.Send(TestRequest.Post("/reads_until_gone", 100));
        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
        worker.Channel.Cancel(reading);
        TestWait.Until(() => worker.Channel.Get("/ask").Text == "client disconnect");
        Assert.Equal(0, worker.Drain());
        Assert.Equal("", worker.Errors);
    }

    [Fact]
    public void Starlette_PollsForDisconnect_FindsIt()
    {
        using TestWorker worker = Start("app:app");
        uint stream = worker.Channel.Send(new TestRequest("/waits_until_disconnected"));
        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
        worker.Channel.Cancel(stream);

        TestWait.Until(() => worker.Channel.Get("/ask").Text == "disconnected");
    }

    [Fact]
    public void Starlette_ContextVariables_ReachThreads()
    {
        using TestWorker worker = Start("app:wrapped");
        TestResponse response = worker.Channel.Exchange(new TestRequest("/threaded") { Headers = [("host", "a"), ("x-id", "17")] });

        Assert.Equal(("17", "17"), (response.Text, response.Header("x-id")));
    }

    [Theory]
    [InlineData("app:app")]
    [InlineData("app:wrapped")]
    public void Starlette_WebSockets_AreServed(string target)
    {
        using TestWorker worker = Start(target);
        TestWebSocket echo = TestWebSocket.Open(worker.Channel, "/echo", ("sec-websocket-protocol", "chat"));
        Assert.Equal([("sec-websocket-protocol", "chat")], echo.Headers);
        echo.Send("hello");
        Assert.Equal("hello", echo.ReadText());
        echo.SendClose(4000);
        echo.ReadEnd();
        Assert.Equal("disconnect 4000", worker.Channel.Get("/ask").Text);

        TestWebSocket json = TestWebSocket.Open(worker.Channel, "/json_socket");
        json.Send("[1, 2]");
        Assert.Equal([1, 2], JsonDocument.Parse(json.ReadText()).RootElement.GetProperty("got").EnumerateArray().Select(number => number.GetInt32()));
        json.SendClose(1001);
        json.ReadEnd();
        Assert.Equal(403, worker.Channel.Exchange(new TestRequest("/no_socket") { IsWebSocket = true }).Status);
    }

    private static TestWorker Start(string target, string loop = "asyncio") =>
        TestWorker.StartAsgi(Interpreters.With("starlette"), "frameworks", target, new() { ["loop"] = loop });
}
