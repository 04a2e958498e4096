using System.Text.Json;
using Darter.Integration.Tests.Logs;

namespace Darter.Integration.Tests.Proxies;

/// <summary>What proxies say about their clients, as applications of either interface see it.</summary>
public class ForwardedTests(ServerPool pool) : LogTest(pool)
{
    private const string NobodyTrusted = "192.0.2.1";

    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    public static MatrixTheoryData<string, HttpProtocol> PythonsAndProtocols => Rows.OfPythonsAndProtocols;

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Wsgi_BehindATrustedProxy_SeesWhatGunicornTells(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("logs"), Python = PythonInterpreters.Get(python) });
        JsonElement environ = await JsonAsync(server, protocol, "/environ", ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "203.0.113.9"));
        Assert.Equal("https", environ.GetProperty("wsgi.url_scheme").GetString());
        Assert.Equal("127.0.0.1", environ.GetProperty("REMOTE_ADDR").GetString());
        Assert.Equal("203.0.113.9", environ.GetProperty("HTTP_X_FORWARDED_FOR").GetString());

        environ = await JsonAsync(server, protocol, "/environ", ("X-Forwarded-Ssl", "off"));
        Assert.Equal("http", environ.GetProperty("wsgi.url_scheme").GetString());
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Wsgi_MountedByATrustedProxy_HasItsScriptName(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("logs"), Python = PythonInterpreters.Get(python) });
        for (int i = 0; i < 2; i++)
        {
            JsonElement environ = await JsonAsync(server, protocol, "/shop%20a/environ?q=1", ("SCRIPT_NAME", "/shop%20a"), ("REMOTE_USER", "joe"));
            Assert.Equal("/shop%20a", environ.GetProperty("SCRIPT_NAME").GetString());
            Assert.Equal("/environ", environ.GetProperty("PATH_INFO").GetString());
            Assert.Equal("/shop%20a/environ?q=1", environ.GetProperty("RAW_URI").GetString());
            Assert.False(environ.TryGetProperty("HTTP_REMOTE_USER", out _));

            environ = await JsonAsync(server, protocol, "/environ");
            Assert.Equal("", environ.GetProperty("SCRIPT_NAME").GetString());
            Assert.Equal("/environ", environ.GetProperty("PATH_INFO").GetString());
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Wsgi_MountedWhereItsPathIsNot_Is500AndSaysWhy(HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync();
        using HttpResponseMessage response = await SendAsync(server, protocol, "/environ", ("SCRIPT_NAME", "/shop"));
        Assert.Equal(500, (int)response.StatusCode);
        Assert.Contains("--forwarder-headers", await server.Log.WaitForAsync("SCRIPT_NAME"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Wsgi_BehindAnotherForwarder_SeesItsHeaders(HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync("--forwarder-headers", "REMOTE_USER", "--header-map", "refuse", "--secure-scheme-headers", "Front-End-Https:on");
        JsonElement environ = await JsonAsync(server, protocol, "/environ", ("REMOTE_USER", "joe"), ("Front-End-Https", "on"), ("X-Forwarded-Proto", "http"));
        Assert.Equal("joe", environ.GetProperty("HTTP_REMOTE_USER").GetString());
        Assert.Equal("https", environ.GetProperty("wsgi.url_scheme").GetString());
        using HttpResponseMessage refused = await SendAsync(server, protocol, "/environ", ("SCRIPT_NAME", "/environ"));
        Assert.Equal(400, (int)refused.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Wsgi_OfFieldsThatContradictEachOther_Is400(HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync();
        using HttpResponseMessage response = await SendAsync(server, protocol, "/environ", ("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "off"));
        Assert.Equal(400, (int)response.StatusCode);
        await server.Log.WaitForAsync("--secure-scheme-headers");
    }

    [Theory]
    [InlineData(HttpProtocol.Http1, "--forwarded-allow-ips", NobodyTrusted)]
    [InlineData(HttpProtocol.Http2, "--forwarded-allow-ips", NobodyTrusted)]
    [InlineData(HttpProtocol.Http1, "--no-proxy-headers", "--threads=1")]
    public async Task Wsgi_OfAClientThatIsNotTrusted_SeesNothingOfIt(HttpProtocol protocol, params string[] arguments)
    {
        DarterServer server = await ShareAsync(arguments);
        JsonElement environ = await JsonAsync(server, protocol, "/environ", ("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "off"), ("SCRIPT_NAME", "/shop"));
        Assert.Equal("http", environ.GetProperty("wsgi.url_scheme").GetString());
        Assert.Equal("", environ.GetProperty("SCRIPT_NAME").GetString());
        Assert.False(environ.TryGetProperty("HTTP_SCRIPT_NAME", out _));
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Asgi_BehindATrustedProxy_SeesWhatUvicornTells(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = AsgiApp("http"), Python = PythonInterpreters.Get(python) });
        JsonElement scope = await ScopeAsync(server, protocol, ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "6.6.6.6, 203.0.113.9, 127.0.0.1"));
        Assert.Equal("https", scope.GetProperty("scheme").GetString());
        Assert.Equal("""["203.0.113.9", 0]""", scope.GetProperty("client").GetRawText());

        scope = await ScopeAsync(server, protocol, ("X-Forwarded-Proto", "gopher"), ("X-Forwarded-For", ""), ("X-Forwarded-Ssl", "on"));
        Assert.Equal("http", scope.GetProperty("scheme").GetString());
        Assert.Equal("127.0.0.1", scope.GetProperty("client")[0].GetString());
        Assert.NotEqual(0, scope.GetProperty("client")[1].GetInt32());
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Asgi_WhereEverybodyIsTrusted_SeesTheFirstAddress(HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync(new DarterServerOptions
        {
            Target = AsgiApp("http"),
            Arguments = ["--access-logfile", "-", "--access-logformat", "%(h)s %({wsgi.url_scheme}e)s %(U)s"],
            Environment = new Dictionary<string, string?> { ["FORWARDED_ALLOW_IPS"] = "*" },
        });
        JsonElement scope = await ScopeAsync(server, protocol, ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "2001:db8::1, 203.0.113.9"));
        Assert.Equal("""["2001:db8::1", 0]""", scope.GetProperty("client").GetRawText());
        Assert.Equal("2001:db8::1 https /scope", await server.Output.WaitForAsync("/scope"));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Asgi_OfAClientThatIsNotTrusted_SeesNothingOfIt(HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = AsgiApp("http"), Arguments = ["--forwarded-allow-ips", NobodyTrusted] });
        JsonElement scope = await ScopeAsync(server, protocol, ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "203.0.113.9"));
        Assert.Equal("http", scope.GetProperty("scheme").GetString());
        Assert.Equal("127.0.0.1", scope.GetProperty("client")[0].GetString());
    }

    [Fact]
    public async Task Asgi_OnAUnixSocket_BelievesItsPeer()
    {
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = AsgiApp("http"),
            Binds = [$"unix:{Path.Combine(TemporaryFolder(), "a.sock")}"],
            Arguments = ["--forwarded-allow-ips", NobodyTrusted],
        });
        JsonElement scope = await ScopeAsync(server, HttpProtocol.Http1, ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "203.0.113.9"));
        Assert.Equal("https", scope.GetProperty("scheme").GetString());
        Assert.Equal("""["203.0.113.9", 0]""", scope.GetProperty("client").GetRawText());
    }

    private static string AsgiApp(string behaviour) => Path.Combine(RepositoryPaths.AsgiApp(behaviour), "app.py");

    private static async Task<JsonElement> ScopeAsync(DarterServer server, HttpProtocol protocol, params (string Name, string Value)[] fields) =>
        (await JsonAsync(server, protocol, "/scope", fields)).GetProperty("scope");

    private static async Task<JsonElement> JsonAsync(DarterServer server, HttpProtocol protocol, string target, params (string Name, string Value)[] fields)
    {
        using HttpResponseMessage response = await SendAsync(server, protocol, target, fields);
        Assert.Equal(200, (int)response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement;
    }

    private static async Task<HttpResponseMessage> SendAsync(DarterServer server, HttpProtocol protocol, string target, params (string Name, string Value)[] fields)
    {
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        using HttpRequestMessage request = new(HttpMethod.Get, target) { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        foreach ((string name, string value) in fields)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, Cancellation);
    }
}
