using Darter.Wire;

namespace Darter.Gateway.Tests.Asgi;

/// <summary>The messages of a response, and the frames that they become.</summary>
public sealed class ResponseTests
{
    [Theory, ClassData(typeof(Interpreters))]
    public void Response_EveryKind_IsSent(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        Check(worker, "/hello", 5, "hello");
        Check(worker, "/no_keys", 0, "");
        Check(worker, "/none_values", 0, "");
        Check(worker, "/pieces", -1, "one,two,three");
        Check(worker, "/pieces_last", -1, "one,two");
        Check(worker, "/empty_pieces", -1, "late");
        Check(worker, "/with_length", 5, "hello");
        Check(worker, "/pieces_with_length", 6, "onetwo");
        Check(worker, "/like_bytes", -1, "bytearray,memoryview,subclass,array");
        Check(worker, "/suspended", 5, "hello");
        Check(worker, "/header_iterator", 8, "iterated");
        Check(worker, "/header_forms", -1, "");
    }

    [Fact]
    public void Response_SmallBody_IsOneFrame()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");

        Assert.Equal([FrameType.Response], worker.Channel.Get("/hello").Frames);
        Assert.Equal([FrameType.Response], worker.Channel.Get("/suspended").Frames);
        Assert.Equal([FrameType.Response, FrameType.Body, FrameType.Body, FrameType.End], worker.Channel.Get("/pieces").Frames);
        Assert.Equal([4, 4, 5], worker.Channel.Get("/pieces").Pieces);
    }

    [Fact]
    public void Response_Piece_LeavesBeforeTheNextIsThere()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");
        using TestGate gate = new();
        uint stream = worker.Channel.Send(new TestRequest($"/gap?{gate.Path}"));

        Assert.Equal("first", worker.Channel.ReadPart(stream).Text);
        Assert.Equal("hello", worker.Channel.Get("/hello").Text);
        gate.Open();
        Assert.Equal("firstsecond", worker.Channel.ReadResponse(stream).Text);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Response_LargeBody_ComesInPieces(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        TestResponse response = worker.Channel.Get("/large");

        Assert.Equal((1 << 20, 1 << 20), (response.ContentLength, response.Body.Length));
        Assert.All(response.Body.Select((value, index) => (value, index)), pair => Assert.Equal((byte)pair.index, pair.value));
        Assert.Equal(1_000_000, worker.Channel.Get("/large_pieces").Body.Length);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Response_WindowUsedUp_SendWaits(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        worker.Channel.GrantsWindow = false;
        uint stream = worker.Channel.Send(new TestRequest("/large_pieces"));
        int read = 0;
        while (read < ChannelFormat.InitialResponseWindow - 1000)
        {
            read = worker.Channel.ReadPart(stream).Body.Length;
        }

        // Others are served meanwhile, and the application has not got to its end.
        Assert.Equal("", worker.Channel.Get("/ask_seen").Text);
        worker.Channel.Grant(stream, 2_000_000);
        Assert.Equal(1_000_000, worker.Channel.ReadResponse(stream).Body.Length);
        Assert.Equal("all pieces sent", worker.Channel.Get("/ask_seen").Text);
    }

    [Fact]
    public void Response_WindowInSmallSteps_AllIsSent()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");
        worker.Channel.GrantsWindow = false;
        uint stream = worker.Channel.Send(new TestRequest("/large"));
        while (!worker.Channel.IsComplete(stream))
        {
            worker.Channel.Grant(stream, 5000);
            worker.Channel.Get("/hello");
        }

        TestResponse response = worker.Channel.ReadResponse(stream);
        Assert.Equal(1 << 20, response.Body.Length);
        Assert.All(response.Body.Select((value, index) => (value, index)), pair => Assert.Equal((byte)pair.index, pair.value));
    }

    [Theory]
    [InlineData("/hello", 200, 5)]
    [InlineData("/pieces", 200, -1)]
    [InlineData("/pieces_with_length", 200, 6)]
    [InlineData("/large", 200, 1 << 20)]
    [InlineData("/too_short", 200, 10)]
    [InlineData("/path_send_no_length", 200, -2)]
    public void Response_Head_HasNoBody(string target, int status, long contentLength)
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");
        TestResponse response = worker.Channel.Exchange(new TestRequest(target, "HEAD"));

        Assert.Equal(status, response.Status);
        Assert.Equal(contentLength == -2 ? new FileInfo(Path.Combine(Repository.AsgiApp("http"), "app.py")).Length : contentLength, response.ContentLength);
        Assert.Empty(response.Body);
        Assert.Equal([FrameType.Response], response.Frames);
    }

    [Fact]
    public void Response_StatusWithoutBody_DropsIt()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");
        TestResponse noContent = worker.Channel.Get("/no_content");
        TestResponse notModified = worker.Channel.Get("/not_modified");

        Assert.Equal((204, 0, 0), (noContent.Status, noContent.ContentLength, noContent.Body.Length));
        Assert.Equal((304, 5, 0), (notModified.Status, notModified.ContentLength, notModified.Body.Length));
        Assert.Equal("\"1\"", notModified.Header("etag"));
        Assert.Equal(418, worker.Channel.Get("/status").Status);
    }

    [Fact]
    public void Response_Fields_AreLowerCasedAndFiltered()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");

        Assert.Equal([("content-type", "text/plain"), ("set-cookie", "a=1"), ("set-cookie", "b=2")], worker.Channel.Get("/cookies").Headers);
        Assert.Equal([("x-one", "1"), ("x-two", "2")], worker.Channel.Get("/header_iterator").Headers);
        Assert.Equal([("x-name", "gr\u00fc\u00dfe"), ("x-tab", "a\tb")], worker.Channel.Get("/obs_text").Headers);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal([("x-kept", "yes")], worker.Channel.Get("/hop_by_hop").Headers);
        }

        Assert.Single(worker.Channel.Log);
        Assert.Equal("close", worker.Channel.Get("/connection_close").Header("connection"));
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Response_BodyAndLengthDiffer_IsCutOrBrokenOff(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        Check(worker, "/too_long", 3, "hel");
        Check(worker, "/too_long_pieces", 5, "hello");
        Assert.Single(worker.Channel.Log, line => line.Contains("Content-Length"));

        TestResponse atOnce = worker.Channel.Get("/too_short");
        Assert.Equal((AbortReason.BodyTooShort, false), (atOnce.Aborted, atOnce.HasHead));
        TestResponse later = worker.Channel.Get("/too_short_pieces");
        Assert.Equal((AbortReason.BodyTooShort, "hello"), (later.Aborted, later.Text));
        Check(worker, "/hello", 5, "hello");
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Trailers_Announced_AreSent(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        TestResponse named = worker.Channel.Get("/trailers");
        Assert.Equal(("content", "x-check, x-more"), (named.Text, named.Header("trailer")));
        Assert.Equal([("x-check", "1"), ("x-more", "2")], named.Trailers);
        Assert.StartsWith("RuntimeError: unexpected ASGI message 'http.response.trailers'", worker.Channel.Get("/ask_seen").Text);

        TestResponse unnamed = worker.Channel.Get("/trailers_unnamed");
        Assert.Equal(("content", ""), (unnamed.Text, unnamed.Header("trailer")));
        Assert.Equal([("x-check", "1")], unnamed.Trailers);
        Assert.Equal(AbortReason.ApplicationError, worker.Channel.Get("/trailers_missing").Aborted);
        Assert.Empty(worker.Channel.Exchange(new TestRequest("/trailers", "HEAD")).Trailers);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void EarlyHints_BeforeTheHead_AreSent(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        TestResponse response = worker.Channel.Get("/early_hints");

        Assert.Equal("hinted", response.Text);
        Assert.Equal([103, 103], response.Informational.Select(hint => hint.Status));
        Assert.Equal([("link", "</style.css>; rel=preload"), ("link", "</app.js>; rel=preload")], response.Informational[0].Headers);
        Assert.Equal([("link", "</late.css>; rel=preload")], response.Informational[1].Headers);
    }

    [Fact]
    public void Debug_Message_IsAccepted()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");

        Check(worker, "/debug", 8, "debugged");
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Files_PathsAndDescriptors_PassTheWorkerBy(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "http");
        string file = File.ReadAllText(Path.Combine(Repository.AsgiApp("http"), "app.py"));
        foreach (string target in new[] { "/path_send", "/path_send_no_length", "/zero_copy_last" })
        {
            TestResponse whole = worker.Channel.Get(target);
            Assert.Equal([FrameType.Response, FrameType.File, FrameType.End], whole.Frames);
            Assert.Equal(file, whole.Text);
            Assert.Equal(new FileInfo(Path.Combine(Repository.AsgiApp("http"), "app.py")).Length, whole.ContentLength);
        }

        TestResponse mixed = worker.Channel.Get("/zero_copy");
        string pieces = string.Concat(Enumerable.Repeat(file.Substring(4, 7), 40));
        Assert.Equal($"<{pieces}>{file.Substring(3, 7)}{file[..3]}!", mixed.Text);
        Assert.Equal(43, mixed.Frames.Count(type => type == FrameType.File));

        TestResponse behind = worker.Channel.Get("/zero_copy_behind_window");
        Assert.Equal(new string('x', 300_000) + file[..3] + "y", behind.Text);
    }

    [Fact]
    public void Files_ThatCannotBeSent_AreErrors()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "http");

        Assert.Equal(500, worker.Channel.Get("/path_send_missing").Status);
        Assert.Equal(500, worker.Channel.Get("/path_send_folder").Status);
        Assert.Equal(500, worker.Channel.Get("/zero_copy_pipe").Status);
        Assert.Equal(AbortReason.BodyTooShort, worker.Channel.Get("/path_send_short").Aborted);
        worker.Drain();
        Assert.Contains("FileNotFoundError", worker.Errors);
        Assert.Contains("ValueError: only a regular file can be sent", worker.Errors);
    }

    private static void Check(TestWorker worker, string target, long contentLength, string body)
    {
        TestResponse response = worker.Channel.Get(target);
        Assert.Equal((200, body, contentLength), (response.Status, response.Text, response.ContentLength));
        Assert.Null(response.Aborted);
    }
}
