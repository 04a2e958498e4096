using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>The platform's own WebSocket client, over HTTP/1.1 or HTTP/2 (RFC 8441).</summary>
internal sealed class SocketClient : IAsyncDisposable
{
    private readonly HttpMessageInvoker _invoker;

    private SocketClient(ServerAddress address, HttpProtocol protocol)
    {
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = async (_, cancellation) => new NetworkStream(await address.ConnectAsync(cancellation: cancellation), ownsSocket: true),
        });
        Socket.Options.HttpVersion = protocol == HttpProtocol.Http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        Socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        Socket.Options.CollectHttpResponseDetails = true;
    }

    /// <summary>The client.</summary>
    public ClientWebSocket Socket { get; } = new();

    /// <summary>Opens a WebSocket.</summary>
    /// <exception cref="WebSocketException">It was not accepted.</exception>
    public static Task<SocketClient> OpenAsync(DarterServer server, HttpProtocol protocol, string target) =>
        OpenAsync(server, protocol, target, static _ => { });

    /// <summary>Opens a WebSocket with options.</summary>
    /// <exception cref="WebSocketException">It was not accepted.</exception>
    public static async Task<SocketClient> OpenAsync(DarterServer server, HttpProtocol protocol, string target, Action<ClientWebSocketOptions> configure)
    {
        var client = new SocketClient(server.Address, protocol);
        try
        {
            configure(client.Socket.Options);
            await Wait.For(client.Socket.ConnectAsync(new Uri($"ws://{server.Address.Authority}{target}"), client._invoker, default), "the handshake");
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>The status of the answer to a handshake that is refused.</summary>
    public static async Task<HttpStatusCode> RefusedAsync(DarterServer server, HttpProtocol protocol, string target)
    {
        var client = new SocketClient(server.Address, protocol);
        await using (client)
        {
            await Assert.ThrowsAsync<WebSocketException>(
                () => client.Socket.ConnectAsync(new Uri($"ws://{server.Address.Authority}{target}"), client._invoker, TestContext.Current.CancellationToken));
            return client.Socket.HttpStatusCode;
        }
    }

    /// <summary>Sends a text message.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    /// <summary>Sends a message.</summary>
    public Task SendAsync(byte[] content, WebSocketMessageType type = WebSocketMessageType.Binary) =>
        Wait.For(Socket.SendAsync(content, type, endOfMessage: true, default), "a message to be sent");

    /// <summary>Reads a message; of a close frame, its code and reason.</summary>
    public async Task<(WebSocketMessageType Type, byte[] Content)> ReadAsync()
    {
        var buffer = new byte[65536];
        using var content = new MemoryStream();
        WebSocketReceiveResult result;
        do
        {
            result = await Wait.For(Socket.ReceiveAsync(buffer, default), "a message");
            await content.WriteAsync(buffer.AsMemory(0, result.Count));
        }
        while (!result.EndOfMessage);
        return (result.MessageType, content.ToArray());
    }

    /// <summary>Reads a text message.</summary>
    public async Task<string> ReadTextAsync()
    {
        (WebSocketMessageType type, byte[] content) = await ReadAsync();
        Assert.Equal(WebSocketMessageType.Text, type);
        return Encoding.UTF8.GetString(content);
    }

    /// <summary>Reads a text message that is JSON.</summary>
    public async Task<JsonElement> ReadJsonAsync() => JsonDocument.Parse(await ReadTextAsync()).RootElement;

    /// <summary>Reads the close frame, which must be the next.</summary>
    public async Task<(int Code, string? Reason)> ReadCloseAsync()
    {
        Assert.Equal(WebSocketMessageType.Close, (await ReadAsync()).Type);
        return ((int)Socket.CloseStatus!, Socket.CloseStatusDescription);
    }

    /// <summary>Closes the WebSocket and waits for the server to do the same.</summary>
    public Task CloseAsync(int code, string? reason = null) =>
        Wait.For(Socket.CloseAsync((WebSocketCloseStatus)code, reason, default), "the server to close");

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Socket.Dispose();
        _invoker.Dispose();
        return ValueTask.CompletedTask;
    }
}
