using Darter.Wire;

namespace Darter.Gateway.Tests;

/// <summary>What an application returns, and what becomes of it.</summary>
public sealed class ResponseTests
{
    [Theory, ClassData(typeof(Interpreters))]
    public void Response_EveryKind_IsSent(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "responses");
        Check(worker, "/hello", 5, "hello");
        Check(worker, "/computed", 5, "hello");
        Check(worker, "/pair", 5, "hello");
        Check(worker, "/empty_list", 0, "");
        Check(worker, "/empty_piece", 0, "");
        Check(worker, "/generator", -1, "one,two,three");
        Check(worker, "/late_start", -1, "late");
        Check(worker, "/empty_generator", 0, "");
        Check(worker, "/sized", 5, "hello");
        Check(worker, "/iterable", -1, "onetwo");
        Check(worker, "/write_only", -1, "one,two");
        Check(worker, "/write_and_return", -1, "written,returned");
        Check(worker, "/generator_with_length", 6, "onetwo");
        Check(worker, "/closed", -2, "[2, 3, 'after the last piece']");
    }

    [Fact]
    public void Response_SmallBody_IsOneFrame()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "responses");

        Assert.Equal([FrameType.Response], worker.Channel.Get("/hello").Frames);
        Assert.Equal([FrameType.Response], worker.Channel.Get("/pair").Frames);
        Assert.Equal([FrameType.Response], worker.Channel.Get("/sized").Frames);
        Assert.Equal([FrameType.Response], worker.Channel.Get("/empty_list").Frames);
    }

    [Fact]
    public void Response_LargeBody_ComesInPieces()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "responses");
        TestResponse response = worker.Channel.Get("/large");

        Assert.Equal(1 << 20, response.ContentLength);
        Assert.Equal(1 << 20, response.Body.Length);
        Assert.Equal(Enumerable.Range(0, 1 << 20).Select(index => (byte)index), response.Body);

        TestResponse pieces = worker.Channel.Get("/large_pieces");
        Assert.Equal(1_000_000, pieces.ContentLength);
        Assert.Equal(1_000_000, pieces.Body.Length);
    }

    [Fact]
    public void Response_Generator_SendsEachPieceAtOnce()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "responses");
        TestResponse response = worker.Channel.Get("/generator");

        Assert.Equal([4, 4, 5], response.Pieces);
        Assert.Equal([FrameType.Response, FrameType.Body, FrameType.Body, FrameType.End], response.Frames);
    }

    [Fact]
    public void Response_LengthReached_EndsBeforeTheIteratorDoes()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "responses");

        Assert.Equal([FrameType.Response, FrameType.Body, FrameType.End], worker.Channel.Get("/generator_with_length").Frames);
        Assert.Equal("['after the last piece']", worker.Channel.Get("/closed").Text);
    }

    [Theory]
    [InlineData("/hello", 200, 5)]
    [InlineData("/computed", 200, 5)]
    [InlineData("/generator", 200, -1)]
    [InlineData("/late_start", 200, -1)]
    [InlineData("/file", 200, 9990)]
    [InlineData("/large", 200, 1 << 20)]
    [InlineData("/write_only", 200, -1)]
    [InlineData("/too_short", 200, 10)]
    public void Response_Head_HasNoBody(string target, int status, long contentLength)
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "responses");
        TestResponse response = worker.Channel.Exchange(new TestRequest(target, "HEAD"));

        Assert.Equal(status, response.Status);
        Assert.Equal(contentLength, response.ContentLength);
        Assert.Empty(response.Body);
        Assert.Equal([FrameType.Response], response.Frames);
    }

    [Fact]
    public void Response_StatusWithoutBody_DropsIt()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "responses");
        TestResponse noContent = worker.Channel.Get("/no_content");
        TestResponse notModified = worker.Channel.Get("/not_modified");

        Assert.Equal((204, 0, 0), (noContent.Status, noContent.ContentLength, noContent.Body.Length));
        Assert.Equal((304, 5, 0), (notModified.Status, notModified.ContentLength, notModified.Body.Length));
        Assert.Equal("\"1\"", notModified.Header("etag"));
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Response_BodyAndLengthDiffer_IsCutOrBrokenOff(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "responses");
        Check(worker, "/too_long", 3, "hel");
        Check(worker, "/too_long_generator", 5, "hello");
        Assert.Equal("[3]", worker.Channel.Get("/closed").Text);
        Assert.Single(worker.Channel.Log, line => line.Contains("Content-Length"));

        TestResponse atOnce = worker.Channel.Get("/too_short");
        Assert.Equal(AbortReason.BodyTooShort, atOnce.Aborted);
        Assert.False(atOnce.HasHead);

        TestResponse later = worker.Channel.Get("/too_short_generator");
        Assert.Equal(AbortReason.BodyTooShort, later.Aborted);
        Assert.Equal("hello", later.Text);
        Check(worker, "/hello", 5, "hello");
    }

    [Fact]
    public void Response_Fields_AreEncoded()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "responses");
        TestResponse reason = worker.Channel.Get("/reason");

        Assert.Equal(299, reason.Status);
        Assert.Equal("Very \u00fcnusual", reason.Reason);
        Assert.Equal("gr\u00fc\u00dfe", reason.Header("x-umlaut"));
        Assert.Equal("a\tb", reason.Header("x-tab"));
        Assert.Equal(404, worker.Channel.Get("/bare_status").Status);
        Assert.Equal([("content-type", "text/plain"), ("set-cookie", "a=1"), ("set-cookie", "b=2")], worker.Channel.Get("/cookies").Headers);

        TestResponse subclasses = worker.Channel.Get("/subclasses");
        Assert.Equal(201, subclasses.Status);
        Assert.Equal("value", subclasses.Header("x-name"));
    }

    [Fact]
    public void Response_FieldsOfTheConnection_AreDropped()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "responses");
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal([("content-type", "text/plain"), ("x-kept", "yes")], worker.Channel.Get("/hop_by_hop").Headers);
        }

        Assert.Single(worker.Channel.Log);
        Assert.Equal("close", worker.Channel.Get("/connection_close").Header("connection"));
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void StartResponse_InvalidArguments_Raise(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "responses");
        foreach ((string target, string expected) in new[]
        {
            ("/bad_status_type", "TypeError: the status must be a str, not int"),
            ("/bad_status_bytes", "TypeError: the status must be a str, not bytes"),
            ("/bad_status_short", "ValueError: the status"),
            ("/bad_status_digits", "ValueError: the status"),
            ("/bad_status_1xx", "ValueError: the status"),
            ("/bad_status_control", "ValueError: the status contains a control character"),
            ("/bad_status_charset", "ValueError: the status contains a character beyond"),
            ("/bad_headers_type", "TypeError: the headers must be a list, not dict"),
            ("/bad_headers_none", "TypeError: the headers must be a list, not NoneType"),
            ("/bad_header_list", "TypeError: each header"),
            ("/bad_header_triple", "TypeError: each header"),
            ("/bad_name_type", "TypeError: a header name must be a str, not bytes"),
            ("/bad_name_empty", "ValueError: a header name"),
            ("/bad_name_space", "ValueError: a header name"),
            ("/bad_name_colon", "ValueError: a header name"),
            ("/bad_name_control", "ValueError: a header name"),
            ("/bad_name_charset", "ValueError: a header name"),
            ("/bad_value_type", "TypeError: a header value must be a str, not int"),
            ("/bad_value_crlf", "ValueError: a header value contains a control"),
            ("/bad_value_nul", "ValueError: a header value contains a control"),
            ("/bad_value_charset", "ValueError: a header value contains a character beyond"),
            ("/bad_value_surrogate", "UnicodeEncodeError: "),
            ("/bad_value_long", "ValueError: the headers are too long"),
            ("/bad_length_text", "ValueError: Content-Length"),
            ("/bad_length_negative", "ValueError: Content-Length"),
            ("/bad_length_plus", "ValueError: Content-Length"),
            ("/bad_length_empty", "ValueError: Content-Length"),
            ("/bad_length_twice", "ValueError: Content-Length"),
            ("/same_length_twice", "accepted"),
            ("/started_twice", "start_response was called a second time"),
        })
        {
            TestResponse response = worker.Channel.Get(target);
            Assert.Equal(200, response.Status);
            Assert.StartsWith(expected, response.Text);
        }
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void StartResponse_ExcInfo_ReplacesOrRaises(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "responses");
        TestResponse replaced = worker.Channel.Get("/replaced");
        Assert.Equal((500, "Replaced", "yes", "replaced"), (replaced.Status, replaced.Reason, replaced.Header("x-replaced"), replaced.Text));
        Assert.Equal("Replaced", worker.Channel.Get("/replaced_by_name").Reason);

        TestResponse reraised = worker.Channel.Get("/reraised");
        Assert.Equal("sent", reraised.Text);
        Assert.Equal(AbortReason.ApplicationError, reraised.Aborted);
        Assert.Equal("KeyError", reraised.AbortText);
        worker.Drain();
        Assert.Contains("KeyError: 'too late'", worker.Errors);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Functions_KeptBeyondTheRequest_AreOfNoUse(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "responses");
        Check(worker, "/write_before_start", 4, "kept");
        Check(worker, "/write_before_start", 4, "kept");
        string over = "the request that this function belongs to is over";
        Check(worker, "/use_kept", -2, string.Join('\n', Enumerable.Repeat($"{over}\n{over}\n{over}\nTrue\nb''", 2)));
        Check(worker, "/hello", 5, "hello");
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void EarlyHints_BeforeTheHead_AreSent(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "responses");
        TestResponse response = worker.Channel.Get("/early_hints");

        Assert.Equal("hinted", response.Text);
        Assert.Equal(2, response.Informational.Count);
        Assert.Equal(103, response.Informational[0].Status);
        Assert.Equal([("link", "</style.css>; rel=preload"), ("link", "</app.js>; rel=preload")], response.Informational[0].Headers);
        Check(worker, "/late_hints", -1, "begun,early_hints was called after the response had begun");
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void FileWrapper_Files_PassTheWorkerBy(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "responses");
        TestResponse file = worker.Channel.Get("/file");
        Assert.Equal([FrameType.Response, FrameType.File, FrameType.End], file.Frames);
        Assert.Equal(9990, file.ContentLength);
        Assert.Equal(string.Concat(Enumerable.Repeat("0123456789", 999)), file.Text);

        TestResponse opened = worker.Channel.Get("/file_opened");
        Assert.Contains(FrameType.File, opened.Frames);
        Assert.StartsWith("\"\"\"One response kind per path.", opened.Text);

        TestResponse withLength = worker.Channel.Get("/file_with_length");
        Assert.Equal((15, "012345678901234"), (withLength.ContentLength, withLength.Text));
        Assert.Equal(AbortReason.BodyTooShort, worker.Channel.Get("/file_too_short").Aborted);
        Check(worker, "/file_empty", 0, "");
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void FileWrapper_WhatIsNoFile_IsRead(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "responses");
        Check(worker, "/file_in_memory", -1, "in memory");
        Check(worker, "/file_pipe", -1, "through a pipe");
        Check(worker, "/file_gzip", -1, "unpacked");
    }

    private static void Check(TestWorker worker, string target, long contentLength, string body)
    {
        TestResponse response = worker.Channel.Get(target);
        Assert.Equal(200, response.Status);
        Assert.Equal(body, response.Text);
        Assert.Equal(contentLength == -2 ? body.Length : contentLength, response.ContentLength);
        Assert.Null(response.Aborted);
    }
}
