using System.Net;

namespace Darter.Integration.Tests.Wsgi;

/// <summary>Whatever an application does wrong, its client gets an answer, the operator a line, and the worker goes on.</summary>
public class ErrorTests(ServerPool pool) : ServerTest(pool)
{
    // Failures before anything was sent: a 500, never a part of the application's own response.
    private static readonly string[] BeforeTheHead =
    [
        "/before-start", "/after-start", "/first-piece", "/after-an-empty-piece", "/started-twice", "/not-started", "/returns-none",
        "/returns-number", "/text-list", "/text-generator", "/text-written", "/unprintable", "/recursion", "/system-exit", "/chained",
        "/status-not-a-number", "/status-too-short", "/status-too-long", "/status-empty", "/status-int", "/status-bytes", "/status-none",
        "/status-injection", "/status-informational", "/headers-none", "/headers-text", "/header-single", "/header-triple",
        "/header-name-bytes", "/header-name-space", "/header-name-colon", "/header-name-empty", "/header-name-newline",
        "/header-name-beyond-ascii", "/header-value-int", "/header-value-none", "/header-value-bytes", "/header-value-newline",
        "/header-value-lf", "/header-value-cr", "/header-value-nul", "/header-value-beyond-latin-1", "/length-not-a-number",
        "/length-negative", "/length-empty", "/length-huge", "/length-different-twice",
    ];

    private static readonly string[] AfterTheHead = ["/between-pieces", "/between-pieces-with-length", "/after-write", "/replaced-too-late"];

    public static MatrixTheoryData<string, HttpProtocol> PythonsAndProtocols => Rows.OfPythonsAndProtocols;

    public static MatrixTheoryData<string, HttpProtocol, string> PythonsProtocolsAndFailuresBefore => new(Rows.Pythons, Rows.Protocols, BeforeTheHead);

    public static MatrixTheoryData<string, HttpProtocol, string> PythonsProtocolsAndFailuresAfter => new(Rows.Pythons, Rows.Protocols, AfterTheHead);

    [Theory]
    [MemberData(nameof(PythonsProtocolsAndFailuresBefore))]
    public async Task Failure_BeforeTheHead_IsA500(string python, HttpProtocol protocol, string path)
    {
        DarterServer server = await ShareCoreAsync(python);
        int mark = server.Log.Count;
        string word = Word();
        using var client = new CoreClient(server, protocol, "errors");
        using HttpResponseMessage response = await client.GetAsync($"{path}?{word}");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        string body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.DoesNotContain("never", body, StringComparison.Ordinal);
        Assert.DoesNotContain(word, body, StringComparison.Ordinal);
        Assert.DoesNotContain("Traceback", body, StringComparison.Ordinal);
        Assert.False(response.Headers.NonValidated.Contains("X-Injected"));
        await server.Log.WaitForAsync(word, mark);
        await server.Log.WaitForAsync("Traceback", mark);
        Assert.Equal("fine", await client.GetTextAsync("/fine"));
    }

    [Theory]
    [MemberData(nameof(PythonsProtocolsAndFailuresAfter))]
    public async Task Failure_AfterTheHead_BreaksTheResponse(string python, HttpProtocol protocol, string path)
    {
        DarterServer server = await ShareCoreAsync(python);
        int mark = server.Log.Count;
        string word = Word();
        using var client = new CoreClient(server, protocol, "errors");

        // The server may have sent nothing yet; then a 500 is the better answer.
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
        {
            using HttpResponseMessage response = await client.GetAsync($"{path}?{word}");
            await response.Content.ReadAsByteArrayAsync(Cancellation);
            response.EnsureSuccessStatusCode();
        });
        await server.Log.WaitForAsync(word, mark);
        Assert.Equal("fine", await client.GetTextAsync("/fine"));
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task ExcInfo_BeforeTheHead_ReplacesTheResponse(string python, HttpProtocol protocol)
    {
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "errors");
        using HttpResponseMessage response = await client.GetAsync("/replaced?word");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.True(response.Headers.Contains("X-Second"));
        Assert.False(response.Headers.Contains("X-First"));
        Assert.Equal("replaced", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Traceback_OfAFailure_IsInTheLog(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareCoreAsync(python);
        int mark = server.Log.Count;
        string word = Word();
        using var client = new CoreClient(server, protocol, "errors");
        using HttpResponseMessage response = await client.GetAsync($"/chained?{word}");
        await server.Log.WaitForAsync($"ValueError: {word}", mark);
        await server.Log.WaitForAsync("KeyError: 'the cause'", mark);
        await server.Log.WaitForAsync("errors/app.py", mark);
        await server.Log.WaitForAsync("/chained", mark);
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task ErrorsStream_Written_ComesOutOnStderr(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareCoreAsync(python);
        int mark = server.Log.Count;
        string word = Word();
        using var client = new CoreClient(server, protocol, "errors");
        Assert.Equal("written", await client.GetTextAsync($"/errors-stream?{word}"));
        await server.Log.WaitForAsync($"written {word}", mark);
        await server.Log.WaitForAsync($"line one {word}", mark);
        await server.Log.WaitForAsync($"printed {word}", mark);
        await server.Log.WaitForAsync($"stderr {word}", mark);
        await server.Output.WaitForAsync($"stdout {word}");
    }

    [Fact]
    public async Task Failure_OnAKeptConnection_LeavesItUsable()
    {
        DarterServer server = await ShareCoreAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        for (int i = 0; i < 3; i++)
        {
            await connection.WriteAsync("GET /before-start?again HTTP/1.1\r\nHost: h\r\nX-Behaviour: errors\r\n\r\n");
            RawResponse failed = await connection.ReadResponseAsync();
            Assert.Equal(500, failed.Status);
            Assert.False(failed.IsLast);
            await connection.WriteAsync("GET /fine HTTP/1.1\r\nHost: h\r\nX-Behaviour: errors\r\n\r\n");
            Assert.Equal("fine", (await connection.ReadResponseAsync()).Text);
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Word() => $"word{Guid.NewGuid():N}";
}
