using System.Net.WebSockets;
using System.Text;

namespace Darter.Integration.Tests.Asgi.WebSockets;

/// <summary>Base of the tests of WebSockets.</summary>
public abstract class WebSocketTest(ServerPool pool) : AsgiTest(pool)
{
    private const string Behaviour = "websocket";

    /// <summary>The server that the tests share.</summary>
    protected Task<DarterServer> ShareAsync() => ShareAsync(Behaviour);

    /// <summary>A server of the test's own.</summary>
    protected Task<DarterServer> StartAsync(params string[] arguments) => StartAsync(Behaviour, arguments);

    /// <summary>Opens a WebSocket by the platform's own client, over either version of HTTP.</summary>
    protected async Task<ClientWebSocket> ConnectAsync(DarterServer server, HttpProtocol protocol, string target, Action<ClientWebSocketOptions>? configure = null)
    {
        (ClientWebSocket client, Task connecting) = Connect(server, protocol, target, configure);
        await Wait.For(connecting, "the handshake");
        return client;
    }

    /// <summary>Asks for a WebSocket that is denied, and returns the status.</summary>
    protected async Task<int> AskForDeniedAsync(DarterServer server, HttpProtocol protocol, string target)
    {
        (ClientWebSocket client, Task connecting) = Connect(server, protocol, target, configure: null);
        await Assert.ThrowsAsync<WebSocketException>(() => Wait.For(connecting, "the denial"));
        return (int)client.HttpStatusCode;
    }

    /// <summary>Sends a text.</summary>
    protected static Task SendAsync(ClientWebSocket client, string text) =>
        client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, Cancellation);

    /// <summary>Receives a message: its type and content.</summary>
    protected static async Task<(WebSocketMessageType Type, byte[] Content)> ReceiveAsync(ClientWebSocket client)
    {
        var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            ValueWebSocketReceiveResult result = await Wait.For(client.ReceiveAsync(buffer.AsMemory(), Cancellation).AsTask(), "a message");
            content.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                return (result.MessageType, content.ToArray());
            }
        }
    }

    /// <summary>Receives a text.</summary>
    protected static async Task<string> ReceiveTextAsync(ClientWebSocket client)
    {
        (WebSocketMessageType type, byte[] content) = await ReceiveAsync(client);
        Assert.Equal(WebSocketMessageType.Text, type);
        return Encoding.UTF8.GetString(content);
    }

    /// <summary>Receives that the server closes.</summary>
    protected static async Task<(int Code, string Reason)> ReceiveCloseAsync(ClientWebSocket client)
    {
        Assert.Equal(WebSocketMessageType.Close, (await ReceiveAsync(client)).Type);
        return ((int)client.CloseStatus!, client.CloseStatusDescription!);
    }

    /// <summary>Asserts that the server serves as before.</summary>
    protected static async Task AssertStillServesAsync(DarterServer server) => Assert.Equal(200, (await AskAsync(server, "/")).Status);

    private (ClientWebSocket Client, Task Connecting) Connect(
        DarterServer server, HttpProtocol protocol, string target, Action<ClientWebSocketOptions>? configure)
    {
        var client = new ClientWebSocket();
        var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        Own(new Disposing(client, invoker));
        client.Options.HttpVersion = protocol == HttpProtocol.Http2 ? new Version(2, 0) : new Version(1, 1);
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        client.Options.CollectHttpResponseDetails = true;
        client.Options.KeepAliveInterval = TimeSpan.Zero;
        configure?.Invoke(client.Options);
        return (client, client.ConnectAsync(new Uri($"ws://{server.Address.Authority}{target}"), invoker, Cancellation));
    }

    private sealed class Disposing(params IDisposable[] resources) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            Array.ForEach(resources, resource => resource.Dispose());
            return ValueTask.CompletedTask;
        }
    }
}
