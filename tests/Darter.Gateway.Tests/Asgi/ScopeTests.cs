namespace Darter.Gateway.Tests.Asgi;

/// <summary>The scope of a request: every key of the specification.</summary>
public sealed class ScopeTests
{
    [Theory, ClassData(typeof(Interpreters))]
    public void Scope_PlainRequest_HasEveryKey(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "scope");
        TestRequest request = new("/a%20b/%C3%BC%2F?x=1&y=%20") { Headers = [("host", "example.org:8000"), ("x-two", "1"), ("x-two", "gr\u00fcn")] };

        // Built, kept, and copied: three times the same.
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(
                [
                    "asgi={'version': '3.0', 'spec_version': '2.5'}",
                    "client=('127.0.0.1', 40001)",
                    "extensions={'http.response.pathsend': {}, 'http.response.zerocopysend': {}, 'http.response.trailers': {}, "
                        + "'http.response.debug': {}, 'http.response.early_hint': {}}",
                    @"headers=[(b'host', b'example.org:8000'), (b'x-two', b'1'), (b'x-two', b'gr\xfcn')]",
                    "http_version='1.1'",
                    "method='GET'",
                    "path='/a b/\u00fc/'",
                    "query_string=b'x=1&y=%20'",
                    "raw_path=b'/a%20b/%C3%BC%2F'",
                    "root_path=''",
                    "scheme='http'",
                    "server=('127.0.0.1', 8000)",
                    $"state={{'number': 1, 'list': [{string.Join(", ", Enumerable.Repeat("1", i))}]}}",
                    "type='http'",
                ],
                Lines(worker, request));
        }
    }

    [Theory]
    [InlineData(10, "1.0")]
    [InlineData(11, "1.1")]
    [InlineData(20, "2")]
    [InlineData(30, "3")]
    public void Scope_HttpVersion_IsText(byte version, string expected)
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "scope");

        Assert.Contains($"http_version='{expected}'", Lines(worker, new TestRequest("/") { Version = version }));
    }

    [Fact]
    public void Scope_Others_FollowTheRequest()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "scope");

        Assert.Contains("scheme='https'", Lines(worker, new TestRequest("/") { IsHttps = true }));
        Assert.Contains("method='PURGE'", Lines(worker, new TestRequest("/", "PURGE")));
        Assert.Contains("path='*'", Lines(worker, new TestRequest("*", "OPTIONS")));
        Assert.Contains("headers=[]", Lines(worker, new TestRequest("/") { Headers = [] }));
        Assert.Contains("query_string=b''", Lines(worker, new TestRequest("/?")));
        Assert.Contains("client=('::1', 1)", Lines(worker, new TestRequest("/") { ClientHost = "::1", ClientPort = 1 }));
        Assert.Contains("client=('127.0.0.2', 40001)", Lines(worker, new TestRequest("/") { ClientHost = "127.0.0.2" }));
        Assert.Contains("path='/not \ufffd utf-8'", Lines(worker, new TestRequest("/not%20%FF%20utf-8")));
        Assert.Contains("path='/100%/%2'", Lines(worker, new TestRequest("/100%/%2")));
    }

    [Fact]
    public void Scope_UnixSocket_HasPathAndNoClient()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "scope");
        string[] lines = Lines(worker, new TestRequest("/") { ClientHost = "", ClientPort = 0, ServerHost = "/run/shop.sock", ServerPort = 0 });

        Assert.Contains("client=None", lines);
        Assert.Contains("server=('/run/shop.sock', None)", lines);
    }

    [Fact]
    public void Scope_RootPath_BeginsBothPaths()
    {
        using TestWorker worker = TestWorker.StartAsgi(Interpreters.Newest, "scope", settings: new() { ["rootPath"] = "/shop" });
        string[] lines = Lines(worker, new TestRequest("/a%20b?c"));

        Assert.Contains("root_path='/shop'", lines);
        Assert.Contains("path='/shop/a b'", lines);
        Assert.Contains("raw_path=b'/shop/a%20b'", lines);
    }

    [Theory, ClassData(typeof(Interpreters))]
    public void Scope_ManyTargetsAndClients_AreToldApart(string python)
    {
        using TestWorker worker = TestWorker.StartAsgi(python, "scope");
        Random random = new(5);
        for (int i = 0; i < 2000; i++)
        {
            int number = random.Next(400);
            int port = random.Next(1, 3000);
            string[] lines = Lines(worker, new TestRequest($"/item/{number}?q={number}", number % 3 == 0 ? "POST" : "GET")
            {
                ClientPort = (ushort)port,
                ClientHost = $"127.0.0.{number % 5}",
                Headers = [("host", "a"), ("cookie", $"{number % 50}")],
            });
            Assert.Contains($"path='/item/{number}'", lines);
            Assert.Contains($"query_string=b'q={number}'", lines);
            Assert.Contains($"client=('127.0.0.{number % 5}', {port})", lines);
            Assert.Contains($"headers=[(b'host', b'a'), (b'cookie', b'{number % 50}')]", lines);
            Assert.Contains($"method='{(number % 3 == 0 ? "POST" : "GET")}'", lines);
        }
    }

    private static string[] Lines(TestWorker worker, TestRequest request) => worker.Channel.Exchange(request).Text.Split('\n');
}
