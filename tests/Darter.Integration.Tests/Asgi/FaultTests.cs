namespace Darter.Integration.Tests.Asgi;

/// <summary>
/// Applications that break the rules: what the client gets, and what the operator is told, once; the server goes on.
/// </summary>
public class FaultTests(ServerPool pool) : AsgiTest(pool)
{
    private const string Broken = "broken";

    /// <summary>The path, what the client gets over each version of HTTP, and the cause in the log.</summary>
    private static readonly (string Name, string Outcome, string Cause)[] Faults =
    [
        ("returns", "500", "the application returned without starting a response"),
        ("returns_after_start", "500", "the application returned without completing its response"),
        ("returns_amid_body", Broken, "the application returned without completing its response"),
        ("raises", "500", "ValueError: raised before the start"),
        ("raises_after_start", "500", "ValueError: raised after the start"),
        ("raises_amid_body", Broken, "ValueError: raised amid the body"),
        ("raises_after_end", "200 hello", "ValueError: raised after the end"),
        ("raises_base_exception", "500", "GeneratorExit: raised as no Exception"),
        ("unknown_type", "500", "RuntimeError: unexpected ASGI message 'http.response.nothing'"),
        ("unknown_type_amid_body", Broken, "RuntimeError: unexpected ASGI message 'http.response.nothing'"),
        ("websocket_type", "500", "RuntimeError: unexpected ASGI message 'websocket.accept'"),
        ("not_a_dict", "500", "TypeError: a message must be a dict, not list"),
        ("no_type", "500", "ValueError: the message has no type"),
        ("body_first", "500", "RuntimeError: unexpected ASGI message 'http.response.body'"),
        ("start_twice", "500", "RuntimeError: unexpected ASGI message 'http.response.start': the response was started before"),
        ("start_amid_body", Broken, "RuntimeError: unexpected ASGI message 'http.response.start'"),
        ("body_after_end", "200 hello", "RuntimeError: unexpected ASGI message 'http.response.body': the response is complete"),
        ("start_after_end", "200 hello", "RuntimeError: unexpected ASGI message 'http.response.start': the response is complete"),
        ("status_missing", "500", "status"),
        ("status_text", "500", "TypeError: "),
        ("status_1xx", "500", "ValueError: "),
        ("body_text", "500", "TypeError: the body must be bytes, not str"),
        ("name_text", "500", "TypeError: "),
        ("name_space", "500", "ValueError: "),
        ("name_crlf", "500", "ValueError: "),
        ("value_text", "500", "TypeError: "),
        ("value_cr", "500", "ValueError: "),
        ("value_lf", "500", "ValueError: "),
        ("value_crlf", "500", "ValueError: "),
        ("value_nul", "500", "ValueError: "),
        ("length_text", "500", "ValueError: "),
        ("too_short", "500", "the body has 5 bytes, Content-Length says 10"),
        ("too_short_pieces", Broken, "the body has 5 bytes, Content-Length says 10"),
        ("trailers_unannounced", "200 hello", "RuntimeError: unexpected ASGI message 'http.response.trailers'"),
        ("trailer_crlf", Broken, "ValueError: "),
        ("hint_crlf", "500", "ValueError: "),
        ("pathsend_missing", "500", "FileNotFoundError: "),
    ];

    public static MatrixTheoryData<string, HttpProtocol> NamesAndProtocols => new(Faults.Select(fault => fault.Name), Rows.Protocols);

    [Theory]
    [MemberData(nameof(NamesAndProtocols))]
    public async Task Fault_OfAnApplication_HasADefinedOutcome(string name, HttpProtocol protocol)
    {
        (_, string outcome, string cause) = Faults.Single(fault => fault.Name == name);
        DarterServer server = await ShareAsync("faults");
        using HttpClient client = Client(server, protocol);
        string mark = $"{name}?{protocol}";
        int start = server.Log.Count;

        Assert.Equal(outcome, await AskAsync(client, $"/{mark}"));

        Assert.Equal("200 hello", await AskAsync(client, "/hello"));
        await server.Log.WaitForAsync($"/{mark}", start);
        await server.Log.WaitForAsync(cause, start);
    }

    [Theory]
    [InlineData("too_long", "hel")]
    [InlineData("too_long_pieces", "hello")]
    public async Task Body_LongerThanContentLength_IsCutOff(string name, string expected)
    {
        DarterServer server = await ShareAsync("faults");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get($"/{name}") + Get("/hello"));
        Assert.Equal(expected, (await connection.ReadResponseAsync()).Text);
        Assert.Equal("hello", (await connection.ReadResponseAsync()).Text);
        await server.Log.WaitForAsync("the application sends more than its Content-Length says");
    }

    [Fact]
    public async Task Traceback_OfAnException_IsLoggedOnce()
    {
        DarterServer server = await ShareAsync("faults");
        int start = server.Log.Count;
        Assert.Equal(500, (await AskAsync(server, "/raises?once")).Status);
        Assert.Equal(200, (await AskAsync(server, "/hello")).Status);
        await server.Log.WaitForAsync("ValueError: raised before the start", start);
        Assert.Single(server.Log.Lines(start), line => line.Contains("exception in GET /raises?once", StringComparison.Ordinal));
    }

    /// <summary>The status and the body, the status alone of an error, or "broken".</summary>
    private static async Task<string> AskAsync(HttpClient client, string target)
    {
        try
        {
            using HttpResponseMessage response = await Wait.For(client.GetAsync(target, Cancellation), "the answer");
            return (int)response.StatusCode >= 400 ? $"{(int)response.StatusCode}" : $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Cancellation)}";
        }
        catch (HttpRequestException)
        {
            return Broken;
        }
    }
}
