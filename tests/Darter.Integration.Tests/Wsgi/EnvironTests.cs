using System.Net.Http.Headers;
using System.Text.Json;

namespace Darter.Integration.Tests.Wsgi;

/// <summary>The environ of PEP 3333, with what Gunicorn adds to it.</summary>
public class EnvironTests(ServerPool pool) : ServerTest(pool)
{
    // Target, PATH_INFO and QUERY_STRING as Latin-1 text.
    private static readonly (string Target, string Path, string Query)[] Targets =
    [
        ("/", "/", ""),
        ("/?", "/", ""),
        ("/a/b", "/a/b", ""),
        ("/a/b/", "/a/b/", ""),
        ("/a?x=1&y=2", "/a", "x=1&y=2"),
        ("/a?x=1?y=2", "/a", "x=1?y=2"),
        ("/a?x=%20%C3%A9+z", "/a", "x=%20%C3%A9+z"),
        ("/caf%C3%A9", "/caf\u00c3\u00a9", ""),
        ("/caf%c3%a9", "/caf\u00c3\u00a9", ""),
        ("/latin%E9", "/latin\u00e9", ""),
        ("/a%20b", "/a b", ""),
        ("/a+b", "/a+b", ""),
        ("/a%2Fb", "/a/b", ""),
        ("/a%3Fb?c", "/a?b", "c"),
        ("/a%23b", "/a#b", ""),
        ("/a%25b", "/a%b", ""),
        ("/a%2541", "/a%41", ""),
        ("/~user/;p=1,2/@:!$&'()*=", "/~user/;p=1,2/@:!$&'()*=", ""),
        ("//a//b", "//a//b", ""),
        ("/a?b=//c/../d", "/a", "b=//c/../d"),
        ("/%E2%82%AC/%F0%9F%90%8D", "/\u00e2\u0082\u00ac/\u00f0\u009f\u0090\u008d", ""),
    ];

    public static TheoryData<string> Pythons => Rows.OfPythons;

    public static MatrixTheoryData<string, HttpProtocol> PythonsAndProtocols => Rows.OfPythonsAndProtocols;

    public static MatrixTheoryData<string, int> PythonsAndTargets => new(Rows.Pythons, Enumerable.Range(0, Targets.Length));

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Environ_OfAGet_HasEveryKeyWithItsType(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareCoreAsync(python);
        using var client = new CoreClient(server, protocol, "environ");
        client.Headers.Add("X-Custom", "a value");
        Environ environ = new(await client.GetJsonAsync("/path?query=1"));

        Assert.Equal(("dict", true), (environ.Type("type(environ)"), environ.Value("type(environ)").GetBoolean()));
        Assert.Equal("GET", environ.Text("REQUEST_METHOD"));
        Assert.Equal("", environ.Text("SCRIPT_NAME"));
        Assert.Equal("/path", environ.Text("PATH_INFO"));
        Assert.Equal("query=1", environ.Text("QUERY_STRING"));
        Assert.Equal("/path?query=1", environ.Text("RAW_URI"));
        Assert.Equal(protocol == HttpProtocol.Http2 ? "HTTP/2" : "HTTP/1.1", environ.Text("SERVER_PROTOCOL")!.Replace("HTTP/2.0", "HTTP/2", StringComparison.Ordinal));
        Assert.Equal("127.0.0.1", environ.Text("SERVER_NAME"));
        Assert.Equal($"{server.Address.Port}", environ.Text("SERVER_PORT"));
        Assert.Equal("127.0.0.1", environ.Text("REMOTE_ADDR"));
        Assert.InRange(int.Parse(environ.Text("REMOTE_PORT")!), 1, 65535);
        Assert.StartsWith("darter", environ.Text("SERVER_SOFTWARE"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal($"127.0.0.1:{server.Address.Port}", environ.Text("HTTP_HOST"));
        Assert.Equal("a value", environ.Text("HTTP_X_CUSTOM"));
        Assert.Equal("environ", environ.Text("HTTP_X_BEHAVIOUR"));
        Assert.Equal("http", environ.Text("wsgi.url_scheme"));
        Assert.Equal([1, 0], environ.Value("wsgi.version").EnumerateArray().Select(number => number.GetInt32()));
        Assert.True(environ.Flag("wsgi.input_terminated"));
        Assert.False(environ.Flag("wsgi.run_once"));
        Assert.False(environ.Flag("wsgi.multithread"));
        Assert.Contains("wsgi.multiprocess", environ.Keys);
        Assert.True(environ.Flag("callable(wsgi.file_wrapper)"));
        Assert.True(environ.Flag("callable(wsgi.early_hints)"));
        Assert.Subset(environ.Methods("wsgi.input"), new HashSet<string> { "read", "readline", "readlines", "__iter__" });
        Assert.Subset(environ.Methods("wsgi.errors"), new HashSet<string> { "write", "writelines", "flush" });

        Assert.True(environ.Text("CONTENT_TYPE") is null or "");
        Assert.True(environ.Text("CONTENT_LENGTH") is null or "");
        Assert.DoesNotContain("HTTP_CONTENT_TYPE", environ.Keys);
        Assert.DoesNotContain("HTTP_CONTENT_LENGTH", environ.Keys);
        Assert.DoesNotContain(environ.Keys, key => key.StartsWith("HTTP_:", StringComparison.Ordinal));
        Assert.All(
            environ.Keys.Where(key => !key.StartsWith("wsgi.", StringComparison.Ordinal) && !key.StartsWith("darter.", StringComparison.Ordinal) && !key.Contains('(', StringComparison.Ordinal)),
            key => Assert.Equal("str", environ.Type(key)));
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Environ_ChangedByTheApplication_IsWholeForTheNextRequest(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareCoreAsync(python);
        using var client = new CoreClient(server, protocol, "environ");
        string first = await client.GetTextAsync("/same");
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(Comparable(first), Comparable(await client.GetTextAsync("/same")));
        }

        Assert.DoesNotContain("left.behind", new Environ(JsonDocument.Parse(first).RootElement).Keys);
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Environ_OfAPost_HasTypeAndLength(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareCoreAsync(python);
        using var client = new CoreClient(server, protocol, "environ");
        var content = new ByteArrayContent(new byte[1234]) { Headers = { ContentType = MediaTypeHeaderValue.Parse("text/plain; charset=utf-8") } };
        using HttpResponseMessage response = await client.SendAsync(HttpMethod.Post, "/", content);
        Environ environ = new(JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement);

        Assert.Equal("POST", environ.Text("REQUEST_METHOD"));
        Assert.Equal("1234", environ.Text("CONTENT_LENGTH"));
        Assert.Equal("text/plain; charset=utf-8", environ.Text("CONTENT_TYPE"));
        Assert.DoesNotContain("HTTP_CONTENT_TYPE", environ.Keys);
        Assert.DoesNotContain("HTTP_CONTENT_LENGTH", environ.Keys);
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Environ_OfAChunkedPost_HasNoWrongLength(string python)
    {
        Environ environ = await AskAsync(await ShareCoreAsync(python), "POST / HTTP/1.1", ["Transfer-Encoding: chunked"], "3\r\nabc\r\n0\r\n\r\n");

        // The server may know the length by then, when it has received all of the body.
        Assert.True(environ.Text("CONTENT_LENGTH") is null or "" or "3");
        Assert.True(environ.Flag("wsgi.input_terminated"));
    }

    [Theory]
    [MemberData(nameof(PythonsAndTargets))]
    public async Task PathInfo_OfATarget_IsDecodedToLatin1(string python, int row)
    {
        (string target, string path, string query) = Targets[row];
        Environ environ = await AskAsync(await ShareCoreAsync(python), $"GET {target} HTTP/1.1", []);
        Assert.Equal((target, path, query), (environ.Text("RAW_URI"), environ.Text("PATH_INFO"), environ.Text("QUERY_STRING")));
        Assert.Equal("", environ.Text("SCRIPT_NAME"));
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Fields_OfTheSameName_AreJoined(string python)
    {
        Environ environ = await AskAsync(
            await ShareCoreAsync(python),
            "GET / HTTP/1.1",
            [
                "X-Several: one", "Cookie: a=1", "x-several: two,three", "Cookie: b=2; c=3", "X-SEVERAL:four", "cookie: d=4",
                "Accept: text/html", "Accept: */*",
            ]);
        Assert.Equal(["one", "two", "three", "four"], environ.Text("HTTP_X_SEVERAL")!.Split(',').Select(value => value.Trim()));
        Assert.Equal("a=1; b=2; c=3; d=4", environ.Text("HTTP_COOKIE"));
        Assert.Equal(["text/html", "*/*"], environ.Text("HTTP_ACCEPT")!.Split(',').Select(value => value.Trim()));
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Fields_OfAnyForm_BecomeKeys(string python)
    {
        Environ environ = await AskAsync(
            await ShareCoreAsync(python),
            "GET / HTTP/1.1",
            ["X-Spaces:  \t inner  space \t ", "X-Empty:", "X-Latin: caf\u00e9", "x-lower: l", "X-UPPER: u", "X-Digits-123: d", "X.Dot!: e"]);
        Assert.Equal("inner  space", environ.Text("HTTP_X_SPACES"));
        Assert.Equal("", environ.Text("HTTP_X_EMPTY"));
        Assert.Equal("caf\u00e9", environ.Text("HTTP_X_LATIN"));
        Assert.Equal("l", environ.Text("HTTP_X_LOWER"));
        Assert.Equal("u", environ.Text("HTTP_X_UPPER"));
        Assert.Equal("d", environ.Text("HTTP_X_DIGITS_123"));
        Assert.Equal("e", environ.Text("HTTP_X.DOT!"));
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Fields_ThatChangeFromRequestToRequest_AreNeverMixedUp(string python)
    {
        DarterServer server = await ShareCoreAsync(python);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        for (int i = 0; i < 50; i++)
        {
            await connection.WriteAsync(
                $"GET /{i} HTTP/1.1\r\nHost: h{i % 3}\r\nX-Behaviour: environ\r\nX-A: {i % 7}\r\n{(i % 2 == 0 ? $"X-B: {i}\r\n" : "")}\r\n");
            Environ environ = new((await connection.ReadResponseAsync()).Json);
            Assert.Equal($"/{i}", environ.Text("PATH_INFO"));
            Assert.Equal($"h{i % 3}", environ.Text("HTTP_HOST"));
            Assert.Equal($"{i % 7}", environ.Text("HTTP_X_A"));
            Assert.Equal(i % 2 == 0 ? $"{i}" : null, environ.Text("HTTP_X_B"));
        }
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Fields_WithAnUnderscore_AreDropped(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareCoreAsync(python);
        using var client = new CoreClient(server, protocol, "environ");
        client.Headers.Add("X_Forged", "yes");
        client.Headers.Add("X-Real", "yes");
        Environ environ = new(await client.GetJsonAsync("/"));
        Assert.Equal("yes", environ.Text("HTTP_X_REAL"));
        Assert.DoesNotContain("HTTP_X_FORGED", environ.Keys);
    }

    [Fact]
    public async Task Fields_WithAnUnderscoreWhenRefused_AreABadRequest()
    {
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("environ"), Arguments = ["--header-map", "refuse"] });
        Assert.Equal(400, (await RawConnection.ExchangeAsync(server.Address, "GET / HTTP/1.1\r\nHost: h\r\nX_Forged: yes\r\n\r\n")).Status);
        Assert.Equal(200, (await RawConnection.ExchangeAsync(server.Address, "GET / HTTP/1.1\r\nHost: h\r\nX-Real: yes\r\n\r\n")).Status);
    }

    [Fact]
    public async Task Fields_WithAnUnderscoreWhenAllowed_BecomeKeys()
    {
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("environ"), Arguments = ["--header-map", "dangerous"] });
        Environ environ = await AskAsync(server, "GET / HTTP/1.1", ["X_Forged: yes"]);
        Assert.Equal("yes", environ.Text("HTTP_X_FORGED"));
    }

    [Fact]
    public async Task RemotePort_OfAConnection_IsTheClients()
    {
        DarterServer server = await ShareCoreAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: h\r\nX-Behaviour: environ\r\n\r\n");
        Environ environ = new((await connection.ReadResponseAsync()).Json);
        Assert.Equal($"{connection.LocalPort}", environ.Text("REMOTE_PORT"));
    }

    [Theory]
    [InlineData("HTTP/1.0")]
    [InlineData("HTTP/1.1")]
    public async Task ServerProtocol_OfARequest_IsItsVersion(string version) =>
        Assert.Equal(version, (await AskAsync(await ShareCoreAsync(), $"GET / {version}", [])).Text("SERVER_PROTOCOL"));

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    [InlineData("PROPFIND")]
    [InlineData("X-Own!Method")]
    [InlineData("get")]
    public async Task RequestMethod_OfAnyKind_IsPassedOn(string method) =>
        Assert.Equal(method, (await AskAsync(await ShareCoreAsync(), $"{method} / HTTP/1.1", [])).Text("REQUEST_METHOD"));

    [Fact]
    public async Task Multithread_WithSeveralThreads_IsTrue()
    {
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("environ"), Threads = 2, Workers = 2 });
        Environ environ = await AskAsync(server, "GET / HTTP/1.1", []);
        Assert.True(environ.Flag("wsgi.multithread"));
        Assert.True(environ.Flag("wsgi.multiprocess"));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<Environ> AskAsync(DarterServer server, string line, string[] fields, string body = "")
    {
        string head = string.Concat(fields.Prepend("Host: example.com").Prepend("X-Behaviour: environ").Select(field => $"{field}\r\n"));
        RawResponse response = await RawConnection.ExchangeAsync(server.Address, $"{line}\r\n{head}\r\n{body}");
        Assert.Equal(200, response.Status);
        return new Environ(response.Json);
    }

    // The port of the client differs when the connection is another one.
    private static string Comparable(string json) =>
        string.Join('\n', JsonDocument.Parse(json).RootElement.EnumerateObject().Where(key => key.Name != "REMOTE_PORT").Select(key => key.ToString()));

    private sealed record Environ(JsonElement Json)
    {
        public IEnumerable<string> Keys => Json.EnumerateObject().Select(key => key.Name);

        public string Type(string key) => Json.GetProperty(key)[0].GetString()!;

        public JsonElement Value(string key) => Json.GetProperty(key)[1];

        public string? Text(string key) => Json.TryGetProperty(key, out JsonElement value) ? value[1].GetString() : null;

        public bool Flag(string key) => Value(key).GetBoolean();

        public HashSet<string> Methods(string key) => Value(key).EnumerateArray().Select(name => name.GetString()!).ToHashSet();
    }
}
