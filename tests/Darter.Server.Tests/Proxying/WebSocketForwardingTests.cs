using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Darter.Server.Configuration;
using Darter.Testing;
using Darter.Testing.Http;
using Darter.Testing.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Darter.Server.Tests.Proxying;

/// <summary>WebSockets of destinations.</summary>
public class WebSocketForwardingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, UpstreamHttpVersion.Auto, HttpProtocols.Http1)]
    [InlineData(1, UpstreamHttpVersion.Http2, HttpProtocols.Http2)]
    [InlineData(2, UpstreamHttpVersion.Auto, HttpProtocols.Http1)]
    [InlineData(2, UpstreamHttpVersion.Http2, HttpProtocols.Http2)]
    public async Task Messages_OfAWebSocket_GoBothWays(int client, UpstreamHttpVersion version, HttpProtocols protocols)
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(EchoAsync, protocols);
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(new UpstreamConfig { Destinations = [upstream.Destination], HttpVersion = version });
        using SocketsHttpHandler handler = new() { UseProxy = false };
        using HttpMessageInvoker invoker = new(handler);
        using ClientWebSocket socket = new();
        socket.Options.HttpVersion = new Version(client, client == 1 ? 1 : 0);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.AddSubProtocol("echo");
        await socket.ConnectAsync(new Uri($"ws://{proxy.Address.Authority}/chat"), invoker, Cancellation);
        Assert.Equal("echo", socket.SubProtocol);
        byte[] buffer = new byte[100];
        for (int i = 0; i < 3; i++)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes($"message {i}"), WebSocketMessageType.Text, true, Cancellation);
            WebSocketReceiveResult received = await Wait.For(socket.ReceiveAsync(buffer, Cancellation), "the echo");
            Assert.Equal($"message {i}", Encoding.UTF8.GetString(buffer, 0, received.Count));
        }

        Assert.Equal(1, proxy.Destinations[0].Running);
        await Wait.For(socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", Cancellation), "the closing handshake");
        Assert.Equal((WebSocketCloseStatus.NormalClosure, "bye"), (socket.CloseStatus, socket.CloseStatusDescription));
        await Wait.Until(() => proxy.Destinations[0] is { Running: 0, Failures: 0 }, "the end of the request");
    }

    [Fact]
    public async Task WebSocket_OfAServerThatStops_IsBrokenOff()
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(EchoAsync);
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(proxy.Address, "/");
        Task stopped = proxy.Server.StopAsync(quick: false, Cancellation);
        Assert.True(await socket.Connection.IsClosedAsync());
        await Wait.For(stopped, "the server to stop");
    }

    [Fact]
    public async Task WebSocket_ThatIsRefused_IsAnAnswer()
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 403;
            return context.Response.WriteAsync("not you");
        });
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        await using RawWebSocket socket = await RawWebSocket.AskAsync(proxy.Address, "/");
        RawResponse response = await socket.Connection.ReadResponseAsync();
        Assert.Equal((403, "not you"), (response.Status, response.Text));
    }

    [Fact]
    public async Task WebSocket_WhoseDestinationDies_IsBrokenOff()
    {
        HttpUpstream upstream = await HttpUpstream.StartAsync(EchoAsync);
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(proxy.Address, "/");
        await upstream.DisposeAsync();
        await Wait.For(socket.Connection.ReadToEndAsync(), "the end");
        await Wait.Until(() => proxy.Destinations[0].Running == 0, "the end of the request");
    }

    private static async Task EchoAsync(HttpContext context)
    {
        Stream stream;
        if (context.Request.Protocol == "HTTP/2")
        {
            IHttpExtendedConnectFeature connect = context.Features.Get<IHttpExtendedConnectFeature>()!;
            context.Response.Headers["Sec-WebSocket-Protocol"] = context.Request.Headers["Sec-WebSocket-Protocol"];
            stream = await connect.AcceptAsync();
        }
        else
        {
            context.Response.Headers["Sec-WebSocket-Protocol"] = context.Request.Headers["Sec-WebSocket-Protocol"];
            context.Response.Headers["Connection"] = "Upgrade";
            context.Response.Headers["Upgrade"] = "websocket";
            context.Response.Headers["Sec-WebSocket-Accept"] = AcceptOf(context.Request.Headers["Sec-WebSocket-Key"]!);
            stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        }

        using WebSocket socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, SubProtocol = "echo" });
        byte[] buffer = new byte[1000];
        try
        {
            while (true)
            {
                WebSocketReceiveResult received = await socket.ReceiveAsync(buffer, CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseAsync(received.CloseStatus!.Value, received.CloseStatusDescription, CancellationToken.None);
                    return;
                }

                await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or SocketException)
        {
            // The client is gone.
        }
    }

#pragma warning disable CA5350 // RFC 6455 has SHA-1.
    private static string AcceptOf(string key) =>
        Convert.ToBase64String(System.Security.Cryptography.SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}
