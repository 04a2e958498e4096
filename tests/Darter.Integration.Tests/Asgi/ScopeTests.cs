using System.Text.Json;

namespace Darter.Integration.Tests.Asgi;

/// <summary>Every key of the scope of a request, as ASGI 3.0 (HTTP 2.5) has it.</summary>
public class ScopeTests(ServerPool pool) : AsgiTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    public static MatrixTheoryData<string, HttpProtocol> PythonsAndProtocols => Rows.OfPythonsAndProtocols;

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Scope_OfARequest_HasWhatTheSpecificationAsks(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync(Options("http") with { Python = PythonInterpreters.Get(python) });
        using HttpClient client = Client(server, protocol);

        JsonElement answer = JsonDocument.Parse(await client.GetStringAsync("/scope?a=1&b=%20+%C3%BC", Cancellation)).RootElement;
        JsonElement scope = answer.GetProperty("scope");

        Assert.Equal(
            ["asgi", "client", "extensions", "headers", "http_version", "method", "path", "query_string", "raw_path", "root_path", "scheme", "server", "state", "type"],
            scope.EnumerateObject().Select(key => key.Name).Order());
        Assert.Equal("http", scope.GetProperty("type").GetString());
        Assert.Equal("""{"version":"3.0","spec_version":"2.5"}""", Compact(scope.GetProperty("asgi")));
        Assert.Equal(protocol == HttpProtocol.Http2 ? "2" : "1.1", scope.GetProperty("http_version").GetString());
        Assert.Equal("GET", scope.GetProperty("method").GetString());
        Assert.Equal("http", scope.GetProperty("scheme").GetString());
        Assert.Equal("/scope", scope.GetProperty("path").GetString());
        Assert.Equal("b:/scope", scope.GetProperty("raw_path").GetString());
        Assert.Equal("b:a=1&b=%20+%C3%BC", scope.GetProperty("query_string").GetString());
        Assert.Equal("", scope.GetProperty("root_path").GetString());
        Assert.Equal("{}", Compact(scope.GetProperty("state")));
        Assert.Equal("127.0.0.1", scope.GetProperty("client")[0].GetString());
        Assert.InRange(scope.GetProperty("client")[1].GetInt32(), 1, ushort.MaxValue);
        Assert.Equal($"""["127.0.0.1",{server.Address.Port}]""", Compact(scope.GetProperty("server")));
        IEnumerable<string> extensions = ["http.response.debug", "http.response.pathsend", "http.response.trailers", "http.response.zerocopysend"];
        Assert.Equal(
            protocol == HttpProtocol.Http1 ? extensions.Append("http.response.early_hint").Order() : extensions,
            scope.GetProperty("extensions").EnumerateObject().Select(extension => extension.Name).Order());
        JsonElement types = answer.GetProperty("types");
        foreach ((string key, string type) in (IEnumerable<(string, string)>)
            [("path", "str"), ("raw_path", "bytes"), ("query_string", "bytes"), ("headers", "list"), ("client", "tuple"), ("server", "tuple"), ("state", "dict")])
        {
            Assert.Equal(type, types.GetProperty(key).GetString());
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Headers_OfARequest_AreLowerCaseBytesInTheirOrder(HttpProtocol protocol)
    {
        using HttpClient client = Client(await ShareAsync("http"), protocol);
        using HttpRequestMessage request = new(HttpMethod.Get, "/scope") { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        request.Headers.TryAddWithoutValidation("X-Mixed-Case", "One");
        request.Headers.TryAddWithoutValidation("Cookie", "a=1; b=2");
        request.Headers.TryAddWithoutValidation("X-Empty", "");

        using HttpResponseMessage response = await client.SendAsync(request, Cancellation);
        string[][] headers = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement
            .GetProperty("scope").GetProperty("headers").EnumerateArray()
            .Select(pair => pair.EnumerateArray().Select(item => item.GetString()!).ToArray()).ToArray();

        Assert.Contains(headers, header => header is ["b:x-mixed-case", "b:One"]);
        Assert.Contains(headers, header => header is ["b:cookie", "b:a=1; b=2"]);
        Assert.Contains(headers, header => header is ["b:x-empty", "b:"]);
        Assert.Single(headers, header => header[0] == "b:host");
        Assert.DoesNotContain(headers, header => header[0].StartsWith("b::", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Headers_GivenSeveralTimes_AllCome()
    {
        RawResponse response = await AskAsync(await ShareAsync("http"), "/scope", "X-Many: 1\r\nx-many: 2\r\nX-MANY: gr\u00fc\u00dfe\r\n");
        Assert.Equal(
            ["b:1", "b:2", "b:gr\u00fc\u00dfe"],
            response.Json.GetProperty("scope").GetProperty("headers").EnumerateArray()
                .Where(pair => pair[0].GetString() == "b:x-many").Select(pair => pair[1].GetString()));
    }

    [Theory]
    [InlineData("/%73cope", "/scope", "/%73cope", "")]
    [InlineData("/scope%", "/scope%", "/scope%", "")]
    [InlineData("/scope?", "/scope", "/scope", "")]
    [InlineData("/scope?a?b=%", "/scope", "/scope", "a?b=%")]
    [InlineData("http://h/scope?x", "/scope", "/scope", "x")]
    public async Task Path_OfATarget_IsDecodedAndRawPathIsNot(string target, string path, string rawPath, string query)
    {
        JsonElement scope = await ScopeOfAsync(await ShareAsync("http"), target);
        Assert.Equal(path, scope.GetProperty("path").GetString());
        Assert.Equal("b:" + rawPath, scope.GetProperty("raw_path").GetString());
        Assert.Equal("b:" + query, scope.GetProperty("query_string").GetString());
    }

    [Fact]
    public async Task Path_WithCharactersBeyondAscii_IsDecodedAsUtf8()
    {
        JsonElement scope = await ScopeOfAsync(await ShareAsync("http"), "/gr%C3%BC%C3%9Fe/%E2%9C%93/%FF");
        Assert.Equal("/gr\u00fc\u00dfe/\u2713/\ufffd", scope.GetProperty("path").GetString());
    }

    [Fact]
    public async Task RootPath_OfTheOption_IsInFrontOfThePath()
    {
        JsonElement scope = await ScopeOfAsync(await StartAsync("http", "--root-path", "/api/"), "/items?x");
        Assert.Equal("/api", scope.GetProperty("root_path").GetString());
        Assert.Equal("/api/items", scope.GetProperty("path").GetString());
    }

    [Fact]
    public async Task Scope_OverAUnixSocket_HasNoClient()
    {
        string path = Path.Combine(TemporaryFolder(), "socket");
        DarterServer server = await StartAsync(Options("http") with { Binds = [$"unix:{path}"] });
        JsonElement scope = (await AskAsync(server, "/scope")).Json.GetProperty("scope");
        Assert.Equal(JsonValueKind.Null, scope.GetProperty("client").ValueKind);
        Assert.Equal($"""["{path}",null]""", Compact(scope.GetProperty("server")));
    }

    [Theory]
    [InlineData("HTTP/1.0", "1.0")]
    [InlineData("HTTP/1.1", "1.1")]
    public async Task HttpVersion_OfARequest_IsTheClients(string version, string expected)
    {
        await using RawConnection connection = await RawConnection.OpenAsync((await ShareAsync("http")).Address);
        await connection.WriteAsync($"GET /scope {version}\r\nHost: h\r\nConnection: close\r\n\r\n");
        Assert.Equal(expected, (await connection.ReadResponseAsync()).Json.GetProperty("scope").GetProperty("http_version").GetString());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("PROPFIND")]
    public async Task Method_OfARequest_IsTheClients(string method)
    {
        DarterServer server = await ShareAsync("http");
        RawResponse response = await RawConnection.ExchangeAsync(server.Address, $"{method} /scope HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", method);
        Assert.Equal(method, response.Json.GetProperty("scope").GetProperty("method").GetString());
    }

    [Fact]
    public async Task State_OfARequest_IsACopy()
    {
        DarterServer server = await ShareAsync("http");
        Assert.Equal("1", (await AskAsync(server, "/state")).Text);
        Assert.Equal("1", (await AskAsync(server, "/state")).Text);
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    private static async Task<JsonElement> ScopeOfAsync(DarterServer server, string target) =>
        (await AskAsync(server, target)).Json.GetProperty("scope");
}
