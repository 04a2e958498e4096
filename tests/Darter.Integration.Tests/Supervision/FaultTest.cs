namespace Darter.Integration.Tests.Supervision;

/// <summary>Base of the tests of what takes too long, with the applications <c>stuck</c>, WSGI and ASGI.</summary>
public abstract class FaultTest(ServerPool pool) : SupervisionTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    /// <summary>The test's own token.</summary>
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts one of the applications.</summary>
    protected Task<DarterServer> StartStuckAsync(string kind, int workers, int threads, params string[] arguments) =>
        StartAsync(new DarterServerOptions
        {
            Target = Path.Combine(kind == "asgi" ? RepositoryPaths.AsgiApp("stuck") : RepositoryPaths.WsgiApp("stuck"), "app.py"),
            Workers = workers,
            Threads = kind == "asgi" ? null : threads,
            Arguments = arguments,
        });

    /// <summary>Checks that a request was answered 504 with an id that the log has too, and returns the id.</summary>
    protected static async Task<string> AssertTimedOutAsync(DarterServer server, RawResponse response, string target, string option)
    {
        Assert.Equal(504, response.Status);
        string id = Assert.Single(response.All("x-request-id"));
        Assert.Matches("^[0-9A-V]{13}$", id);
        Assert.Equal($"504 Gateway Timeout\nRequest id: {id}\n", response.Text);
        await server.Log.WaitForAsync($"GET {target}: answered 504, since it took longer than {option}; request id {id}");
        await server.Log.WaitForAsync($"was running GET {target} (request id {id}), for ");
        return id;
    }

    /// <summary>The targets that the application has begun to run, in a server of one worker.</summary>
    protected static async Task<string[]> StartedAsync(DarterServer server) => (await AskAsync(server, "/started")).Text.Split('\n');
}
