using System.Net.WebSockets;
using Darter.Integration.Tests.Asgi.WebSockets;

namespace Darter.Integration.Tests.Logs;

/// <summary>WebSockets in the access log: a line at their end.</summary>
public class WebSocketLogTests(ServerPool pool) : WebSocketTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task AccessLog_OfAWebSocket_HasALineWith101AtItsEnd(HttpProtocol protocol)
    {
        DarterServer server = await StartAsync("--access-logfile", "-", "--access-logformat", "%(U)s %(s)s %(b)s %(X)s");
        ClientWebSocket client = await ConnectAsync(server, protocol, "/echo");
        await SendAsync(client, "hello");
        Assert.Equal("hello", await ReceiveTextAsync(client));
        Assert.Equal(200, (await AskAsync(server, "/")).Status);
        await server.Output.WaitForAsync("/ 200");
        Assert.DoesNotContain("/echo", server.Output.Text, StringComparison.Ordinal);

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Cancellation);

        // Two frames: 2 + 5 bytes, and 2 + 2 of the close.
        Assert.Equal("/echo 101 11 complete", await server.Output.WaitForAsync("/echo"));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task AccessLog_OfAWebSocketWhoseClientLeft_SaysSo(HttpProtocol protocol)
    {
        DarterServer server = await StartAsync("--access-logfile", "-", "--access-logformat", "%(U)s %(s)s %(X)s");
        ClientWebSocket client = await ConnectAsync(server, protocol, "/echo");
        client.Abort();
        Assert.Equal("/echo 101 client-left", await server.Output.WaitForAsync("/echo"));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task AccessLog_OfAWebSocketThatIsDenied_HasItsStatus(HttpProtocol protocol)
    {
        DarterServer server = await StartAsync("--access-logfile", "-", "--access-logformat", "%(U)s %(s)s %(X)s");
        int status = await AskForDeniedAsync(server, protocol, "/denies");
        Assert.Equal($"/denies {status} complete", await server.Output.WaitForAsync("/denies"));
    }
}
