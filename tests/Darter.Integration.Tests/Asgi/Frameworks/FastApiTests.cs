using System.Net;
using System.Text.Json;
using Darter.Integration.Tests.Frameworks;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>FastAPI: validation, dependencies, endpoints in threads, WebSockets.</summary>
public class FastApiTests(ServerPool pool) : FrameworkTest(pool)
{
    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Parameters_OfARequest_AreValidated(HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(protocol);
        JsonElement item = await ReadJsonAsync(client.GetAsync("/items/5?limit=7", Cancellation));
        Assert.Equal((5, 7), (item.GetProperty("number").GetInt32(), item.GetProperty("limit").GetInt32()));
        Assert.Equal("nobody", item.GetProperty("who").GetString());
        Assert.True(item.GetProperty("started").GetBoolean());

        Assert.Equal("path,number", await RefusedFieldAsync(client.GetAsync("/items/five", Cancellation)));
        Assert.Equal("query,limit", await RefusedFieldAsync(client.GetAsync("/items/5?limit=many", Cancellation)));
        Assert.Equal("body,price", await RefusedFieldAsync(client.PostAsync("/items", Json("""{"name": "tea"}"""), Cancellation)));
        using HttpResponseMessage created = await client.PostAsync("/items", Json("""{"name": "tea", "price": "2.5", "unknown": 1}"""), Cancellation);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("""{"name":"tea","price":2.5,"tags":[]}""", await created.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Documentation_IsServed(HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(protocol);
        JsonElement schema = await ReadJsonAsync(client.GetAsync("/openapi.json", Cancellation));
        Assert.Equal("Shop", schema.GetProperty("info").GetProperty("title").GetString());
        Assert.Contains("swagger", await client.GetStringAsync("/docs", Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Dependency_ThatRefuses_MakesTheResponse(HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(protocol);
        client.DefaultRequestHeaders.Add("X-User", "banned");
        using HttpResponseMessage response = await client.GetAsync("/items/5", Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(["banned"], response.Headers.GetValues("X-Why"));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task DependencyWithYield_IsClosedAfterTheResponse(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareFastApiAsync();
        int mark = server.Log.Count;
        using HttpClient client = Client(server, protocol);
        Assert.Equal((HttpStatusCode.OK, """{"session":"session"}"""), await ReadAsync(client.GetAsync($"/session?port={gate.Port}", Cancellation)));
        await gate.ReachedAsync("opened");
        await gate.ReachedAsync("closed");
        Assert.False(gate.IsReached("rolled_back"));

        Assert.Equal(
            (HttpStatusCode.InternalServerError, "Internal Server Error"), await ReadAsync(client.GetAsync($"/session?fail=1&port={gate.Port}", Cancellation)));
        Assert.Equal("failed in a session", (await gate.ReachedAsync("rolled_back")).Text);
        await gate.ReachedAsync("closed");
        await server.Log.WaitForAsync("RuntimeError: failed in a session", mark);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task SynchronousEndpoints_RunSideBySideInThreads(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync(protocol);
        Task<string>[] answers = [.. Enumerable.Range(0, 8).Select(_ => client.GetStringAsync($"/threaded?port={gate.Port}", Cancellation))];
        var arrivals = new List<Gate.Arrival>();
        while (arrivals.Count < answers.Length)
        {
            arrivals.Add(await gate.ReachedAsync("in_thread"));
        }

        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(client.GetAsync("/items/1", Cancellation))).Status);
        arrivals.ForEach(arrival => arrival.Release());
        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal("""{"main":false}""", answer));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Form_WithFiles_IsUnderstood(HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(protocol);
        using MultipartFormDataContent form = Upload.Create();
        Upload.AssertUnderstood(await ReadJsonAsync(client.PostAsync("/upload", form, Cancellation)));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task StreamingResponse_ArrivesPieceByPiece(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync(protocol);
        await AssertComesLineByLineAsync(client, $"/stream?port={gate.Port}", gate, "line 0", "line 1", "line 2");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task WebSockets_OfARoom_HearEachOther(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareFastApiAsync();
        string room = $"/rooms/{Guid.NewGuid():N}?port={gate.Port}";
        await using SocketClient first = await SocketClient.OpenAsync(server, protocol, room + "&nick=ann");
        Assert.Equal("ann is here with a session", await first.ReadTextAsync());
        await using (SocketClient second = await SocketClient.OpenAsync(server, protocol, room + "&nick=bob"))
        {
            Assert.Equal("bob is here with a session", await first.ReadTextAsync());
            Assert.Equal("bob is here with a session", await second.ReadTextAsync());
            await second.SendAsync("hello");
            Assert.Equal("bob: hello", await first.ReadTextAsync());
            Assert.Equal("bob: hello", await second.ReadTextAsync());
            Assert.False(gate.IsReached("closed"));
            await second.CloseAsync(1000);
        }

        Assert.Equal("bob has left", await first.ReadTextAsync());
        await gate.ReachedAsync("closed");
        Assert.Equal(HttpStatusCode.Forbidden, await SocketClient.RefusedAsync(server, protocol, "/rooms/without-nick"));
    }

    private static async Task<string> RefusedFieldAsync(Task<HttpResponseMessage> sent)
    {
        (HttpStatusCode status, string text) = await ReadAsync(sent);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        JsonElement detail = Assert.Single(JsonDocument.Parse(text).RootElement.GetProperty("detail").EnumerateArray());
        return string.Join(',', detail.GetProperty("loc").EnumerateArray().Select(place => place.GetString()));
    }

    private Task<DarterServer> ShareFastApiAsync()
    {
        Require.SystemPython("multipart");
        return ShareAsync("fastapi", "fastapi");
    }

    private async Task<HttpClient> ClientAsync(HttpProtocol protocol) => Client(await ShareFastApiAsync(), protocol);
}
