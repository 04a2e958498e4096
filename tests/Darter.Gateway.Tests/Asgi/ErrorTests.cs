using Darter.Wire;

namespace Darter.Gateway.Tests.Asgi;

/// <summary>What an application does wrong, and what the client and the log get.</summary>
public sealed class ErrorTests
{
    [Theory, ClassData(typeof(Interpreters))]
    public void Exception_BeforeTheHead_Is500(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        foreach (string target in new[]
        {
            "/raises", "/raises_after_start", "/raises_later", "/returns", "/returns_after_start", "/not_started", "/cancels_itself", "/no_such_name",
        })
        {
            TestResponse response = worker.Channel.Get(target);
            Assert.Equal((500, "Internal Server Error\n"), (response.Status, response.Text));
            Assert.Equal("text/plain; charset=utf-8", response.Header("content-type"));
        }

        Assert.Equal(0, worker.Drain());
        Assert.Contains("darter: exception in GET /raises\nTraceback (most recent call last):", worker.Errors);
        Assert.Contains("ValueError: raised \u2713 before", worker.Errors);
        Assert.Contains("ValueError: raised after the start", worker.Errors);
        Assert.Contains("ValueError: raised later", worker.Errors);
        Assert.Contains("darter: the application returned without starting a response in GET /returns\n", worker.Errors);
        Assert.Contains("darter: the application returned without completing its response in GET /returns_after_start\n", worker.Errors);
        Assert.Contains("RuntimeError: unexpected ASGI message 'http.response.body': the response has not been started", worker.Errors);
        Assert.Contains("CancelledError", worker.Errors);
        Assert.Contains("KeyError: 'no_such_name'", worker.Errors);
        Assert.DoesNotContain("never retrieved", worker.Errors);
        Assert.DoesNotContain("never awaited", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Exception_AfterTheHead_BreaksOff(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        TestResponse raised = worker.Channel.Get("/raises_amid_body");
        TestResponse returned = worker.Channel.Get("/returns_amid_body");

        Assert.Equal(("half", AbortReason.ApplicationError, "ValueError"), (raised.Text, raised.Aborted, raised.AbortText));
        Assert.Equal(("half", AbortReason.ApplicationError), (returned.Text, returned.Aborted));
        Assert.Equal("hello", worker.Channel.Get("/raises_at_the_end").Text);
        worker.Drain();
        Assert.Contains("ValueError: raised at the end", worker.Errors);
        Assert.Contains("the application returned without completing its response in GET /returns_amid_body", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Message_NotAllowed_IsRefused(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        foreach ((string name, string expected) in new[]
        {
            ("not_a_dict", "TypeError: a message must be a dict, not list"),
            ("no_type", "ValueError: the message has no type"),
            ("type_none", "TypeError: the type of a message must be a str, not NoneType"),
            ("type_unknown", "RuntimeError: unexpected ASGI message 'http.response.unknown'"),
            ("type_request", "RuntimeError: unexpected ASGI message 'http.request'"),
            ("type_websocket", "RuntimeError: unexpected ASGI message 'websocket.send'"),
            ("status_missing", "TypeError: the status must be an int, not NoneType"),
            ("status_text", "TypeError: the status must be an int, not str"),
            ("status_none", "TypeError: the status must be an int, not NoneType"),
            ("status_1xx", "ValueError: the status"),
            ("status_large", "ValueError: the status"),
            ("status_huge", "OverflowError: "),
            ("headers_number", "TypeError: 'int' object is not iterable"),
            ("headers_dict", "ValueError: each header"),
            ("header_number", "TypeError: 'int' object is not iterable"),
            ("header_single", "ValueError: each header"),
            ("header_triple", "ValueError: each header"),
            ("name_text", "TypeError: a header name must be bytes, not str"),
            ("name_empty", "ValueError: a header name"),
            ("name_space", "ValueError: a header name"),
            ("name_colon", "ValueError: a header name"),
            ("name_crlf", "ValueError: a header name"),
            ("value_text", "TypeError: a header value must be bytes, not str"),
            ("value_crlf", "ValueError: a header value contains a control"),
            ("value_lf", "ValueError: a header value contains a control"),
            ("value_nul", "ValueError: a header value contains a control"),
            ("value_long", "ValueError: the headers are too long"),
            ("length_text", "ValueError: Content-Length"),
            ("length_negative", "ValueError: Content-Length"),
            ("length_empty", "ValueError: Content-Length"),
            ("length_twice", "ValueError: Content-Length"),
            ("body_first", "RuntimeError: unexpected ASGI message 'http.response.body': the response has not been started"),
            ("trailers_first", "RuntimeError: unexpected ASGI message 'http.response.trailers'"),
            ("info_list", "TypeError: the info must be a dict, not list"),
            ("link_text", "TypeError: a header value must be bytes, not str"),
            ("link_crlf", "ValueError: a header value contains a control"),
        })
        {
            TestResponse response = worker.Channel.Get($"/refused?{name}");
            Assert.Equal(200, response.Status);
            Assert.True(response.Text.StartsWith(expected, StringComparison.Ordinal), $"{name}: {response.Text}");
            Assert.Empty(response.Informational);
        }
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Message_OutOfOrder_IsRefused(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        string[] begun = worker.Channel.Get("/refused_after_start").Text.Split('\n');
        Assert.Equal("RuntimeError: unexpected ASGI message 'http.response.start': the response was started before", begun[0]);
        Assert.Equal("TypeError: the body must be bytes, not str", begun[1]);
        Assert.Equal("TypeError: the body must be bytes, not int", begun[2]);
        Assert.StartsWith("RuntimeError: unexpected ASGI message 'http.response.trailers'", begun[3]);
        Assert.StartsWith("RuntimeError: unexpected ASGI message 'http.response.debug'", begun[4]);
        Assert.StartsWith("FileNotFoundError: ", begun[5]);

        Assert.Equal("hello", worker.Channel.Get("/refused_after_end").Text);
        string[] ended = worker.Channel.Get("/ask_seen").Text.Split('\n');
        Assert.Equal(3, ended.Length);
        Assert.All(ended, line => Assert.EndsWith("the response is complete", line));
    }

    [Theory]
    [InlineData("/exits")]
    [InlineData("/exits_later")]
    public void SystemExit_FromTheApplication_EndsTheWorker(string target)
    {
        foreach (TheoryDataRow<string> python in new Interpreters())
        {
            using TestWorker worker = TestWorker.StartAsgi(python.Data, "http");
            using TestGate gate = new();
            uint running = worker.Channel.Send(new TestRequest($"/gap?{gate.Path}"));
            Assert.Equal("first", worker.Channel.ReadPart(running).Text);
            Assert.Equal(500, worker.Channel.Get(target).Status);
            uint behind = worker.Channel.Send(new TestRequest("/hello"));
            gate.Open();

            Assert.Equal("firstsecond", worker.Channel.ReadResponse(running).Text);
            Assert.Null(worker.Channel.TryReadFrame());
            Assert.Equal(Claim.Offered(behind), worker.Channel.WordOf(behind));
            Assert.Equal(0, worker.WaitForExit());
        }
    }
}
