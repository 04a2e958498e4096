using System.Net;
using System.Text.Json;
using Darter.Integration.Tests.Frameworks;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>Quart: pages, bodies, streams, WebSockets.</summary>
public class QuartTests(ServerPool pool) : FrameworkTest(pool)
{
    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Pages_WithASession_AreRendered(HttpProtocol protocol)
    {
        using HttpClient client = ServerClient.Create((await ShareQuartAsync()).Address, protocol, new CookieContainer());
        using HttpResponseMessage response = await client.GetAsync("/", Cancellation);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(["before /"], response.Headers.GetValues("X-Before"));
        Assert.Equal("<p>Hello, &lt;grüße&gt;! 1</p>", await client.GetStringAsync("/hello/<grüße>", Cancellation));
        Assert.Equal("<p>Hello, again! 2</p>", await client.GetStringAsync("/hello/again", Cancellation));
        Assert.Equal("threaded word", await client.GetStringAsync("/threaded?word=word", Cancellation));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Bodies_OfRequests_AreUnderstood(HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(protocol);
        (HttpStatusCode status, string text) = await ReadAsync(client.PostAsync("/json", Json("""[1, "ü"]"""), Cancellation));
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("ü", JsonDocument.Parse(text).RootElement.GetProperty("got")[1].GetString());
        using MultipartFormDataContent form = Upload.Create();
        Upload.AssertUnderstood(await ReadJsonAsync(client.PostAsync("/form", form, Cancellation)));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Body_ReadAsItComes_IsThereBeforeItsEnd(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync(protocol);
        using var content = new PushedContent();
        Task<HttpResponseMessage> sent = client.PostAsync($"/pieces?port={gate.Port}", content, Cancellation);
        await content.WriteAsync("one");
        Assert.Equal("3", (await gate.ReachedAsync("received")).Text);
        await content.WriteAsync("three");
        Assert.Equal("8", (await gate.ReachedAsync("received")).Text);
        content.Complete();
        Assert.Equal((HttpStatusCode.OK, "8"), await ReadAsync(sent));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Stream_ArrivesPieceByPiece(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync(protocol);
        await AssertComesLineByLineAsync(client, $"/stream?port={gate.Port}", gate, "line 0", "line 1", "line 2");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task BackgroundTask_RunsAfterTheResponse(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync(protocol);
        Assert.Equal("answered", await client.GetStringAsync($"/background?port={gate.Port}", Cancellation));
        Gate.Arrival task = await gate.ReachedAsync("background");
        Assert.Equal("hello", await client.GetStringAsync("/", Cancellation));
        task.Release();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Errors_AreResponsesAndTracebacks(HttpProtocol protocol)
    {
        DarterServer server = await ShareQuartAsync();
        int mark = server.Log.Count;
        string word = $"word{Guid.NewGuid():N}";
        using HttpClient client = Client(server, protocol);
        Assert.Equal(HttpStatusCode.InternalServerError, (await ReadAsync(client.GetAsync($"/fail?word={word}", Cancellation))).Status);
        await server.Log.WaitForAsync($"RuntimeError: failed on purpose {word}", mark);
        Assert.Equal((HttpStatusCode.NotFound, "nothing at /nowhere"), await ReadAsync(client.GetAsync("/nowhere", Cancellation)));
        Assert.Equal(HttpStatusCode.Forbidden, (await ReadAsync(client.GetAsync("/refuse", Cancellation))).Status);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task WebSocket_IsServed(HttpProtocol protocol)
    {
        DarterServer server = await ShareQuartAsync();
        await using (SocketClient client = await SocketClient.OpenAsync(server, protocol, "/echo", options => options.AddSubProtocol("chat")))
        {
            Assert.Equal("chat", client.Socket.SubProtocol);
            Assert.Equal(["accepted"], client.Socket.HttpResponseHeaders!["x-socket"]);
            await client.SendAsync("grüße");
            Assert.Equal("grüße", await client.ReadTextAsync());
            await client.SendAsync([0, 255]);
            Assert.Equal([0, 255], (await client.ReadAsync()).Content);
            await client.CloseAsync(1000);
        }

        await using SocketClient closing = await SocketClient.OpenAsync(server, protocol, "/closing");
        Assert.Equal((4001, "enough"), await closing.ReadCloseAsync());
    }

    [Fact]
    public async Task WebSocket_RefusedByAResponse_GetsTheResponse()
    {
        DarterServer server = await ShareQuartAsync();
        RawResponse response = await RawConnection.ExchangeAsync(server.Address, Darter.Testing.WebSockets.RawWebSocket.Request("/refusing"));
        Assert.Equal((401, "not you"), (response.Status, response.Text));
    }

    [Fact]
    public async Task AfterServing_RunsWhenTheServerStops()
    {
        DarterServer server = await StartAsync(Options("quart") with { Python = Require.SystemPython("quart") });
        Assert.Equal(0, await server.StopAsync());
        Assert.Contains("after serving", server.Output.Text + server.Log.Text, StringComparison.Ordinal);
    }

    private Task<DarterServer> ShareQuartAsync() => ShareAsync("quart", "quart");

    private async Task<HttpClient> ClientAsync(HttpProtocol protocol) => Client(await ShareQuartAsync(), protocol);
}
