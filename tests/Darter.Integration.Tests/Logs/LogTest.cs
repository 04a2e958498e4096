namespace Darter.Integration.Tests.Logs;

/// <summary>Base of the tests of logs: each has a server of its own, with the application <c>logs</c>.</summary>
public abstract class LogTest(ServerPool pool) : ServerTest(pool)
{
    /// <summary>The test's own token.</summary>
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts the application, with one worker.</summary>
    protected Task<DarterServer> StartAsync(params string[] arguments) =>
        StartAsync(new DarterServerOptions { Target = App("logs"), Arguments = arguments });

    /// <summary>A server of the application that other tests use too.</summary>
    protected Task<DarterServer> ShareAsync(params string[] arguments) =>
        ShareAsync(new DarterServerOptions { Target = App("logs"), Arguments = arguments });

    /// <summary>Sends a request on a connection of its own.</summary>
    protected static Task<RawResponse> AskAsync(DarterServer server, string target, string fields = "") =>
        RawConnection.ExchangeAsync(server.Address, Get(target, fields));

    /// <summary>A request; each field has CRLF at its end.</summary>
    protected static string Get(string target, string fields = "") => $"GET {target} HTTP/1.1\r\nHost: h\r\n{fields}\r\n";

    /// <summary>Waits until a file has this many lines, and returns them.</summary>
    protected static async Task<IReadOnlyList<string>> LinesAsync(string path, int count)
    {
        string[] lines = [];
        await Wait.Until(
            () => (lines = File.Exists(path) ? File.ReadAllLines(path) : []).Length >= count,
            () => $"{count} lines in {path}:\n{string.Join('\n', lines)}");
        return lines;
    }
}
