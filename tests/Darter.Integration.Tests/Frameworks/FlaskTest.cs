using System.Net;

namespace Darter.Integration.Tests.Frameworks;

/// <summary>Base of the tests of the Flask application, plain and behind wsgiref.validate.</summary>
public abstract class FlaskTest(ServerPool pool) : ServerTest(pool)
{
    /// <summary>The attributes of the module that are applications.</summary>
    protected static readonly string[] Applications = ["app", "validated"];

    /// <summary>Each version of HTTP.</summary>
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    /// <summary>Each application over each version of HTTP.</summary>
    public static MatrixTheoryData<string, HttpProtocol> ApplicationsAndProtocols => new(Applications, Rows.Protocols);

    /// <summary>Cancelled when the test is over.</summary>
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The server of an application.</summary>
    protected Task<DarterServer> ShareFlaskAsync(string application, int workers = 1, int threads = 1) =>
        ShareAsync(new DarterServerOptions { Target = $"{App("flask")}:{application}", Workers = workers, Threads = threads, Python = Require.SystemPython("flask") });

    /// <summary>A client that keeps cookies.</summary>
    protected async Task<HttpClient> ClientAsync(string application, HttpProtocol protocol) =>
        ServerClient.Create((await ShareFlaskAsync(application)).Address, protocol, new CookieContainer());
}
