using System.Text.Json;

namespace Darter.Gateway.Tests;

/// <summary>The environ of PEP 3333, and what is beside it.</summary>
public sealed class EnvironTests
{
    [Theory, ClassData(typeof(Interpreters))]
    public void Environ_PlainRequest_HasEveryKey(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "environ");
        Dictionary<string, JsonElement> environ = Ask(worker, new TestRequest("/a%20b/%C3%BC%2F?x=1&y=%20")
        {
            Headers = [("host", "example.org:8000"), ("accept", "*/*"), ("x-two-words", "yes")],
        });

        Assert.Equal("GET", Text(environ, "REQUEST_METHOD"));
        Assert.Equal("", Text(environ, "SCRIPT_NAME"));
        Assert.Equal("/a b/Ã¼/", Text(environ, "PATH_INFO"));
        Assert.Equal("x=1&y=%20", Text(environ, "QUERY_STRING"));
        Assert.Equal("/a%20b/%C3%BC%2F?x=1&y=%20", Text(environ, "RAW_URI"));
        Assert.Equal("/a%20b/%C3%BC%2F?x=1&y=%20", Text(environ, "REQUEST_URI"));
        Assert.Equal("127.0.0.1", Text(environ, "SERVER_NAME"));
        Assert.Equal("8000", Text(environ, "SERVER_PORT"));
        Assert.Equal("HTTP/1.1", Text(environ, "SERVER_PROTOCOL"));
        Assert.Equal("darter/0.1.0", Text(environ, "SERVER_SOFTWARE"));
        Assert.Equal("127.0.0.1", Text(environ, "REMOTE_ADDR"));
        Assert.Equal("40001", Text(environ, "REMOTE_PORT"));
        Assert.Equal("example.org:8000", Text(environ, "HTTP_HOST"));
        Assert.Equal("*/*", Text(environ, "HTTP_ACCEPT"));
        Assert.Equal("yes", Text(environ, "HTTP_X_TWO_WORDS"));
        Assert.Equal("http", Text(environ, "wsgi.url_scheme"));
        Assert.Equal("[1,0]", environ["wsgi.version"].GetRawText().Replace(" ", ""));
        Assert.Equal("Input", Text(environ, "wsgi.input"));
        Assert.Equal("ErrorStream", Text(environ, "wsgi.errors"));
        Assert.False(environ["wsgi.multithread"].GetBoolean());
        Assert.False(environ["wsgi.multiprocess"].GetBoolean());
        Assert.False(environ["wsgi.run_once"].GetBoolean());
        Assert.True(environ["wsgi.input_terminated"].GetBoolean());
        Assert.Equal("type", Text(environ, "wsgi.file_wrapper"));
        Assert.Equal("builtin_function_or_method", Text(environ, "wsgi.early_hints"));
        Assert.Equal("builtin_function_or_method", Text(environ, "darter.client_disconnected"));
        Assert.DoesNotContain("CONTENT_LENGTH", environ.Keys);
        Assert.DoesNotContain("CONTENT_TYPE", environ.Keys);
    }

    [Fact]
    public void Environ_RepeatedFields_AreJoined()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "environ");
        Dictionary<string, JsonElement> environ = Ask(worker, new TestRequest("/")
        {
            Headers =
            [
                ("cookie", "a=1"), ("accept", "text/html"), ("cookie", "b=2"), ("accept", "text/plain"), ("cookie", "c=3"),
                ("content-length", "0"), ("content-length", "0"), ("content-type", "text/plain"), ("content-type", "text/html"),
                ("x-latin", "gr\u00fc\u00dfe"), ("x-empty", ""),
            ],
        });

        Assert.Equal("a=1; b=2; c=3", Text(environ, "HTTP_COOKIE"));
        Assert.Equal("text/html,text/plain", Text(environ, "HTTP_ACCEPT"));
        Assert.Equal("0", Text(environ, "CONTENT_LENGTH"));
        Assert.Equal("text/plain", Text(environ, "CONTENT_TYPE"));
        Assert.Equal("gr\u00fc\u00dfe", Text(environ, "HTTP_X_LATIN"));
        Assert.Equal("", Text(environ, "HTTP_X_EMPTY"));
        Assert.DoesNotContain("HTTP_CONTENT_LENGTH", environ.Keys);
        Assert.DoesNotContain("HTTP_CONTENT_TYPE", environ.Keys);
    }

    [Theory]
    [InlineData(10, "HTTP/1.0")]
    [InlineData(11, "HTTP/1.1")]
    [InlineData(20, "HTTP/2")]
    [InlineData(30, "HTTP/3")]
    public void Environ_Versions_AreNamed(byte version, string expected)
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "environ");

        Assert.Equal(expected, Text(Ask(worker, new TestRequest("/") { Version = version }), "SERVER_PROTOCOL"));
    }

    [Theory]
    [InlineData("example.org:8080", false, "example.org", "8080")]
    [InlineData("example.org", false, "example.org", "80")]
    [InlineData("example.org", true, "example.org", "443")]
    [InlineData("[::1]:8443", true, "[::1]", "8443")]
    [InlineData("[::1]", false, "[::1]", "80")]
    [InlineData("example.org:", false, "example.org", "80")]
    [InlineData(null, false, "localhost", "80")]
    public void Environ_UnixSocket_IsNamedByTheHostField(string? host, bool https, string name, string port)
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "environ");
        Dictionary<string, JsonElement> environ = Ask(worker, new TestRequest("/")
        {
            ClientHost = "",
            ClientPort = 0,
            ServerHost = "/run/darter.sock",
            ServerPort = 0,
            IsHttps = https,
            Headers = host is null ? [] : [("host", host)],
        });

        Assert.Equal(name, Text(environ, "SERVER_NAME"));
        Assert.Equal(port, Text(environ, "SERVER_PORT"));
        Assert.Equal("", Text(environ, "REMOTE_ADDR"));
        Assert.DoesNotContain("REMOTE_PORT", environ.Keys);
        Assert.Equal(https ? "https" : "http", Text(environ, "wsgi.url_scheme"));
    }

    [Theory]
    [InlineData("*", "*", "")]
    [InlineData("/", "/", "")]
    [InlineData("/?", "/", "")]
    [InlineData("/a?b?c", "/a", "b?c")]
    [InlineData("//a//b", "//a//b", "")]
    [InlineData("/%", "/%", "")]
    [InlineData("/%4", "/%4", "")]
    [InlineData("/%4g%zz", "/%4g%zz", "")]
    [InlineData("/%41%4a%4A", "/AJJ", "")]
    [InlineData("/%00%ff", "/\u0000\u00ff", "")]
    [InlineData("/a%3Fb?%41", "/a?b", "%41")]
    public void Environ_Targets_AreDecoded(string target, string path, string query)
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "environ");
        Dictionary<string, JsonElement> environ = Ask(worker, new TestRequest(target));

        Assert.Equal(path, Text(environ, "PATH_INFO"));
        Assert.Equal(query, Text(environ, "QUERY_STRING"));
        Assert.Equal(target, Text(environ, "RAW_URI"));
    }

    [Fact]
    public void Environ_Body_HasItsFields()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "environ");
        uint stream = worker.Channel.Send(TestRequest.Post("/", 3), "abc"u8.ToArray());
        Dictionary<string, JsonElement> environ = Parse(worker.Channel.ReadResponse(stream));

        Assert.Equal("3", Text(environ, "CONTENT_LENGTH"));
        Assert.Equal("application/octet-stream", Text(environ, "CONTENT_TYPE"));

        uint chunked = worker.Channel.Send(new TestRequest("/", "POST") { ContentLength = -1, Headers = [("transfer-encoding", "chunked")] }, "abc"u8.ToArray());
        Dictionary<string, JsonElement> unknown = Parse(worker.Channel.ReadResponse(chunked));

        Assert.DoesNotContain("CONTENT_LENGTH", unknown.Keys);
        Assert.Equal("chunked", Text(unknown, "HTTP_TRANSFER_ENCODING"));
    }

    [Fact]
    public void Environ_Threads_SetMultithread()
    {
        using TestWorker worker = TestWorker.Start(Interpreters.Newest, "environ", threads: 2);

        Assert.True(Parse(worker.Channels[1].Get("/"))["wsgi.multithread"].GetBoolean());
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Environ_ChangedByTheApplication_IsNewForTheNext(string python)
    {
        using TestWorker worker = TestWorker.Start(python, "environ");
        TestRequest request = new("/mutate") { Headers = [("host", "a"), ("x-one", "1")] };
        string before = worker.Channel.Exchange(request with { Target = "/" }).Text;
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(204, worker.Channel.Exchange(request).Status);
            Assert.Equal(before, worker.Channel.Exchange(request with { Target = "/" }).Text);
        }
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Environ_ManyDifferentRequests_AreEachTheirOwn(string python)
    {
        // More of everything than the caches hold, and each thing more than once.
        using TestWorker worker = TestWorker.Start(python, "environ");
        Random random = new(1);
        for (int i = 0; i < 3000; i++)
        {
            int client = random.Next(500);
            int path = random.Next(400);
            TestRequest request = new($"/{path}?q={path}", client % 7 == 0 ? "QUERY" : "GET")
            {
                ClientHost = $"10.0.0.{client % 100}",
                ClientPort = (ushort)(1 + random.Next(65_535)),
                Headers = [("host", "a"), ("cookie", $"id={client}"), ($"x-{client % 300}", $"{client}"), ("x-long", new string('l', client % 40 * 150))],
            };
            Dictionary<string, JsonElement> environ = Ask(worker, request);

            Assert.Equal(request.Method, Text(environ, "REQUEST_METHOD"));
            Assert.Equal(request.Target, Text(environ, "RAW_URI"));
            Assert.Equal($"/{path}", Text(environ, "PATH_INFO"));
            Assert.Equal($"q={path}", Text(environ, "QUERY_STRING"));
            Assert.Equal(request.ClientHost, Text(environ, "REMOTE_ADDR"));
            Assert.Equal($"{request.ClientPort}", Text(environ, "REMOTE_PORT"));
            Assert.Equal($"id={client}", Text(environ, "HTTP_COOKIE"));
            Assert.Equal($"{client}", Text(environ, $"HTTP_X_{client % 300}"));
            Assert.Equal(client % 40 * 150, Text(environ, "HTTP_X_LONG").Length);
            Assert.Equal(4, environ.Keys.Count(key => key.StartsWith("HTTP_", StringComparison.Ordinal)));
        }
    }

    private static Dictionary<string, JsonElement> Ask(TestWorker worker, TestRequest request) => Parse(worker.Channel.Exchange(request));

    private static Dictionary<string, JsonElement> Parse(TestResponse response)
    {
        Assert.Equal(200, response.Status);
        return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(response.Body)!;
    }

    private static string Text(Dictionary<string, JsonElement> environ, string key) => environ[key].GetString()!;
}
