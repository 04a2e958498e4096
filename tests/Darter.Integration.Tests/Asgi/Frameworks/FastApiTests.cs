using System.Net;
using System.Text;
using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>FastAPI.</summary>
public class FastApiTests(ServerPool pool) : AsgiTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Endpoints_AnswerAsTheyShould(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = Client(await ShareAsync(FastApi), protocol);
        Assert.StartsWith("""{"started":[true""", await client.GetStringAsync("/", Cancellation), StringComparison.Ordinal);
        Assert.Equal("""{"n":7}""", await client.GetStringAsync("/sync?n=7", Cancellation));
        Assert.Equal("data: 0\n\ndata: 1\n\ndata: 2\n\n", await client.GetStringAsync("/events", Cancellation));
        Assert.Equal("{}", await client.GetStringAsync($"/background?port={gate.Port}", Cancellation));
        await gate.ReachedAsync("background");

        Assert.Equal((HttpStatusCode.OK, """{"name":"pen","double":3.0}"""), await PostAsync(client, "/items", Json("""{"name": "pen", "price": 1.5}""")));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync(client, "/items", Json("""{"name": "pen"}"""))).Status);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[100_000]), "file", "name.bin" } };
        Assert.Equal((HttpStatusCode.OK, """{"name":"name.bin","size":100000}"""), await PostAsync(client, "/upload", form));
        using HttpResponseMessage missing = await client.GetAsync("/missing", Cancellation);
        Assert.Equal((HttpStatusCode.NotFound, """{"detail":"no such thing"}"""), (missing.StatusCode, await missing.Content.ReadAsStringAsync(Cancellation)));
    }

    [Fact]
    public async Task Exception_OfAnEndpoint_Is500WithATraceback()
    {
        DarterServer server = await ShareAsync(FastApi);
        Assert.Equal(500, (await AskAsync(server, "/raises")).Status);
        await server.Log.WaitForAsync("ValueError: raised in an endpoint");
    }

    [Fact]
    public async Task WebSocket_WithAPathParameter_Echoes()
    {
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync(FastApi)).Address, "/ws/lobby");
        await socket.WriteAsync("hello");
        Assert.Equal("lobby: hello", await socket.ReadTextAsync());
        await using RawWebSocket denied = await RawWebSocket.AskAsync((await ShareAsync(FastApi)).Address, "/no/such");
        Assert.Equal(403, (await denied.Connection.ReadResponseAsync()).Status);
    }

    private static DarterServerOptions FastApi => Options("fastapi") with { Python = Require.SystemPython("fastapi") };

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<(HttpStatusCode Status, string Text)> PostAsync(HttpClient client, string target, HttpContent content)
    {
        using HttpResponseMessage response = await client.PostAsync(target, content, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }
}
