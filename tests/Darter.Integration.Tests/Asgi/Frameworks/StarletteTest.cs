namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>Base of the tests of the Starlette application, plain and behind BaseHTTPMiddleware.</summary>
public abstract class StarletteTest(ServerPool pool) : FrameworkTest(pool)
{
    /// <summary>The attributes of the module that are applications.</summary>
    protected static readonly string[] Applications = ["app", "wrapped"];

    /// <summary>Each application over each version of HTTP.</summary>
    public static MatrixTheoryData<string, HttpProtocol> ApplicationsAndProtocols => new(Applications, Rows.Protocols);

    /// <summary>The server of an application.</summary>
    protected Task<DarterServer> ShareStarletteAsync(string application = "app") => ShareAsync($"starlette:{application}", "starlette");

    /// <summary>A client of an application.</summary>
    protected async Task<HttpClient> ClientAsync(string application, HttpProtocol protocol) =>
        Client(await ShareStarletteAsync(application), protocol);
}
