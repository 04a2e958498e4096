using System.Net;
using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Asgi;

/// <summary>--limit-concurrency: requests and WebSockets beyond it are told to come again.</summary>
public class LimitTests(ServerPool pool) : AsgiTest(pool)
{
    [Fact]
    public async Task Requests_BeyondTheLimit_Are503WithRetryAfter()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync("http", "--limit-concurrency", "2");
        Task<RawResponse>[] running = [.. Enumerable.Range(0, 2).Select(_ => AskAsync(server, $"/reads_when_told?port={gate.Port}"))];
        Gate.Arrival[] arrivals = [await gate.ReachedAsync("waiting"), await gate.ReachedAsync("waiting")];

        RawResponse refused = await AskAsync(server, "/hello");
        Assert.Equal((503, "1"), (refused.Status, refused["retry-after"]));
        using (HttpClient client = Client(server, HttpProtocol.Http2))
        using (HttpResponseMessage response = await client.GetAsync("/hello", Cancellation))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
        }

        arrivals[0].Release();
        await Task.WhenAny(running);
        await Wait.Until(async () => (await AskAsync(server, "/hello")).Status == 200, () => "a place to be free");
        arrivals[1].Release();
        Assert.All(await Task.WhenAll(running), response => Assert.Equal((200, "0"), (response.Status, response.Text)));
    }

    [Fact]
    public async Task WebSockets_CountAsLongAsTheyAreOpen()
    {
        DarterServer server = await StartAsync("websocket", "--limit-concurrency", "2");
        await using RawWebSocket first = await RawWebSocket.OpenAsync(server.Address, "/echo");
        await using RawWebSocket second = await RawWebSocket.OpenAsync(server.Address, "/echo");

        await using RawWebSocket third = await RawWebSocket.AskAsync(server.Address, "/echo");
        RawResponse refused = await third.Connection.ReadResponseAsync();
        Assert.Equal((503, "1"), (refused.Status, refused["retry-after"]));

        await first.WriteAsync(WebSocketFrame.Close(1000));
        Assert.Equal(1000, (await first.ReadCloseAsync()).Code);
        await Wait.Until(async () => (await AskAsync(server, "/")).Status == 200, () => "a place to be free");
        await second.WriteAsync("still here");
        Assert.Equal("still here", await second.ReadTextAsync());
    }
}
