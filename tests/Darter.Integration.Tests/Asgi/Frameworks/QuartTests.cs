using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>Quart.</summary>
public class QuartTests(ServerPool pool) : AsgiTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Views_AnswerAsTheyShould(HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync(Quart);
        using HttpClient client = Client(server, protocol);
        Assert.Contains("before", await client.GetStringAsync("/", Cancellation), StringComparison.Ordinal);
        Assert.Equal("0\n1\n2\n", await client.GetStringAsync("/stream", Cancellation));
        using HttpResponseMessage echo = await client.PostAsync("/echo", new ByteArrayContent(new byte[100_000]), Cancellation);
        Assert.Equal(new byte[100_000], await echo.Content.ReadAsByteArrayAsync(Cancellation));
        using HttpResponseMessage raised = await client.GetAsync("/raises", Cancellation);
        Assert.Equal(500, (int)raised.StatusCode);
        await server.Log.WaitForAsync("ValueError: raised in a view");
    }

    [Fact]
    public async Task WebSocket_Echoes()
    {
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync(Quart)).Address, "/ws");
        await socket.WriteAsync("hello");
        Assert.Equal("echo hello", await socket.ReadTextAsync());
        await socket.WriteAsync(WebSocketFrame.Close(1000));
        Assert.Equal(1000, (await socket.ReadCloseAsync()).Code);
    }

    private static DarterServerOptions Quart => Options("quart") with { Python = Require.SystemPython("quart") };
}
