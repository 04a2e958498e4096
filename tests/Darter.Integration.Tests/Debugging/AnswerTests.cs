using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Darter.Integration.Tests.Debugging;

/// <summary>What clients other than browsers get of the debugger, what is logged, and that nothing of it is there without it.</summary>
public class AnswerTests(ServerPool pool) : ServerTest(pool)
{
    public static MatrixTheoryData<string, HttpProtocol, string> PythonsProtocolsAndInterfaces =>
        new(Rows.Pythons, Rows.Protocols, ["wsgi", "asgi"]);

    public static MatrixTheoryData<string, HttpProtocol> PythonsAndProtocols => Rows.OfPythonsAndProtocols;

    [Theory]
    [MemberData(nameof(PythonsProtocolsAndInterfaces))]
    public async Task Exception_IsAnsweredInTheClientsFormAndLoggedOnce(string python, HttpProtocol protocol, string interfaceName)
    {
        DarterServer server = Watch(await ShareAsync(Options(interfaceName, python)));
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        string path = interfaceName == "wsgi" ? "/chained" : "/plain";
        string error = interfaceName == "wsgi" ? "app.ShopError: " : "LookupError: ";

        int mark = server.Log.Count;
        (HttpResponseMessage response, string text) = await AskAsync(client, HttpMethod.Get, path, "*/*");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.StartsWith("Traceback (most recent call last):", text, StringComparison.Ordinal);
        Assert.Contains(error, text, StringComparison.Ordinal);
        Assert.True(response.Headers.CacheControl?.NoStore);
        await Wait.Until(() => Count(server.Log.Since(mark), error) == 1, () => $"the traceback:\n{server.Log.Since(mark)}");

        (response, text) = await AskAsync(client, HttpMethod.Get, path, "application/json");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.StartsWith("{\"type\": \"", text, StringComparison.Ordinal);

        (response, text) = await AskAsync(client, HttpMethod.Head, path, "text/html");
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Content.Headers.ContentLength > 1000);
        Assert.Empty(text);

        // Each of the three requests has been logged, and only once.
        await Wait.Until(() => Count(server.Log.Since(mark), error) == 3, () => $"three tracebacks:\n{server.Log.Since(mark)}");
        (response, text) = await AskAsync(client, HttpMethod.Get, "/fine", "text/html");
        Assert.Equal((HttpStatusCode.OK, "fine"), (response.StatusCode, text));
        Assert.Equal(3, Count(server.Log.Since(mark), error));
    }

    [Theory]
    [MemberData(nameof(PythonsProtocolsAndInterfaces))]
    public async Task Exception_AfterTheResponseBegan_BreaksItOff(string python, HttpProtocol protocol, string interfaceName)
    {
        DarterServer server = Watch(await ShareAsync(Options(interfaceName, python)));
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        int mark = server.Log.Count;

        HttpRequestException broken = await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(client, HttpMethod.Get, "/late", "text/html"));

        Assert.NotNull(broken);
        string error = interfaceName == "wsgi" ? "ValueError: <b>too late</b>" : "LookupError: Ada";
        await Wait.Until(
            () => server.Log.Since(mark).Contains("is broken off", StringComparison.Ordinal) && Count(server.Log.Since(mark), error) == 1,
            () => $"the traceback:\n{server.Log.Since(mark)}");
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task WithoutTheDebugger_ItsPathsAreTheApplications(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("environ"), Python = PythonInterpreters.Get(python) });
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        (HttpResponseMessage own, string ownText) = await AskAsync(client, HttpMethod.Post, "/other/evaluate", "text/html");

        foreach (string path in (string[])["/__darter__/debugger/evaluate", "/__darter__/debugger/pin", "/__darter__/"])
        {
            (HttpResponseMessage response, string text) = await AskAsync(client, HttpMethod.Post, path, "text/html");
            Assert.Equal(own.StatusCode, response.StatusCode);
            Assert.Equal(own.Content.Headers.ContentType, response.Content.Headers.ContentType);
            Assert.Equal(ownText.Contains("/other/evaluate", StringComparison.Ordinal), text.Contains(path, StringComparison.Ordinal));
        }
    }

    private static DarterServerOptions Options(string interfaceName, string python) => new()
    {
        Target = Path.Combine(interfaceName == "asgi" ? RepositoryPaths.AsgiApp("debugger") : RepositoryPaths.WsgiApp("debugger"), "app.py"),
        Python = PythonInterpreters.Get(python),
    };

    private static async Task<(HttpResponseMessage Response, string Text)> AskAsync(HttpClient client, HttpMethod method, string path, string accept)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = method == HttpMethod.Post ? new StringContent("{}", Encoding.UTF8, "application/json") : null,
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
        };
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
