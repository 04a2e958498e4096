namespace Darter.Integration.Tests.Tornado;

/// <summary>Base of the tests of Tornado's applications, run by the system's Python, which has the package.</summary>
public abstract class TornadoTest(ServerPool pool) : ServerTest(pool)
{
    /// <summary>Each version of HTTP.</summary>
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    /// <summary>The test's own token.</summary>
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The server of an application that other tests use too.</summary>
    protected Task<DarterServer> ShareAsync(string behaviour, params string[] arguments) => ShareAsync(Options(behaviour, arguments));

    /// <summary>A server of an application for this test alone.</summary>
    protected Task<DarterServer> StartAsync(string behaviour, params string[] arguments) => StartAsync(Options(behaviour, arguments));

    /// <summary>How to start an application: the folder's name, perhaps with a colon and the name of the object.</summary>
    protected static DarterServerOptions Options(string behaviour, params string[] arguments)
    {
        string[] parts = behaviour.Split(':', 2);
        return new DarterServerOptions
        {
            Target = Path.Combine(RepositoryPaths.TornadoApp(parts[0]), "app.py") + (parts.Length > 1 ? $":{parts[1]}" : ""),
            Python = Require.SystemPython("tornado"),
            Arguments = arguments,
        };
    }

    /// <summary>Sends a request without a body on a connection of its own.</summary>
    protected static Task<RawResponse> AskAsync(DarterServer server, string target, string fields = "") =>
        RawConnection.ExchangeAsync(server.Address, Get(target, fields));

    /// <summary>A request without a body; each field has CRLF at its end.</summary>
    protected static string Get(string target, string fields = "") => $"GET {target} HTTP/1.1\r\nHost: h\r\n{fields}\r\n";

    /// <summary>A client that speaks one version of HTTP.</summary>
    protected static HttpClient Client(DarterServer server, HttpProtocol protocol) => ServerClient.Create(server.Address, protocol);

    /// <summary>Sends a request and returns as soon as the head of the response is there.</summary>
    protected static Task<HttpResponseMessage> BeginAsync(HttpClient client, HttpMethod method, string target, HttpContent? content = null) =>
        client.SendAsync(
            new HttpRequestMessage(method, target)
            {
                Content = content,
                Version = client.DefaultRequestVersion,
                VersionPolicy = client.DefaultVersionPolicy,
            },
            HttpCompletionOption.ResponseHeadersRead,
            Cancellation);
}
