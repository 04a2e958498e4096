using System.Net.WebSockets;
using System.Text.Json;
using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Asgi.WebSockets;

/// <summary>From the request for a WebSocket to its acceptance or denial; the scope.</summary>
public class HandshakeTests(ServerPool pool) : WebSocketTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    public static MatrixTheoryData<string, HttpProtocol> PythonsAndProtocols => Rows.OfPythonsAndProtocols;

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Scope_OfAWebSocket_HasWhatTheSpecificationAsks(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync(Options("websocket") with { Python = PythonInterpreters.Get(python) });
        ClientWebSocket client = await ConnectAsync(server, protocol, "/sc%C3%BC/x?a=%20", options => options.SetRequestHeader("X-Mixed-Case", "One"));

        JsonElement scope = JsonDocument.Parse(await ReceiveTextAsync(client)).RootElement;

        Assert.Equal(
            ["asgi", "client", "extensions", "headers", "http_version", "path", "query_string", "raw_path", "root_path", "scheme", "server", "state", "subprotocols", "type"],
            scope.EnumerateObject().Select(key => key.Name).Order());
        Assert.Equal("websocket", scope.GetProperty("type").GetString());
        Assert.Equal("""{"version":"3.0","spec_version":"2.5"}""", JsonSerializer.Serialize(scope.GetProperty("asgi")));
        Assert.Equal(protocol == HttpProtocol.Http2 ? "2" : "1.1", scope.GetProperty("http_version").GetString());
        Assert.Equal("ws", scope.GetProperty("scheme").GetString());
        Assert.Equal("/sc\u00fc/x", scope.GetProperty("path").GetString());
        Assert.Equal("b:/sc%C3%BC/x", scope.GetProperty("raw_path").GetString());
        Assert.Equal("b:a=%20", scope.GetProperty("query_string").GetString());
        Assert.Equal("", scope.GetProperty("root_path").GetString());
        Assert.Equal(0, scope.GetProperty("subprotocols").GetArrayLength());
        Assert.Equal("127.0.0.1", scope.GetProperty("client")[0].GetString());
        Assert.Equal(server.Address.Port, scope.GetProperty("server")[1].GetInt32());
        Assert.Equal("""{"websocket.http.response":{}}""", JsonSerializer.Serialize(scope.GetProperty("extensions")));
        Assert.Contains(scope.GetProperty("headers").EnumerateArray(), header => (header[0].GetString(), header[1].GetString()) == ("b:x-mixed-case", "b:One"));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Accept_WithASubprotocolAndFields_TellsTheClient(HttpProtocol protocol)
    {
        ClientWebSocket client = await ConnectAsync(await ShareAsync(), protocol, "/subprotocol", options =>
        {
            options.AddSubProtocol("first");
            options.AddSubProtocol("second");
        });
        Assert.Equal("second", client.SubProtocol);
        Assert.Equal(["1"], client.HttpResponseHeaders!["x-more"]);
        Assert.Equal(["a=1", "b=2"], client.HttpResponseHeaders!["set-cookie"]);
    }

    [Fact]
    public async Task Accept_WithFieldsThatAreTheServers_DropsThem()
    {
        await using RawWebSocket socket = await RawWebSocket.OpenAsync((await ShareAsync()).Address, "/own_fields");
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", socket.Answer!["sec-websocket-accept"]);
        Assert.Null(socket.Answer["sec-websocket-extensions"]);
        Assert.Equal("Upgrade", socket.Answer["connection"], ignoreCase: true);
        Assert.Equal("1", socket.Answer["x-kept"]);
        Assert.Equal("open", await socket.ReadTextAsync());
    }

    [Theory]
    [InlineData("/refuses", HttpProtocol.Http1, 403)]
    [InlineData("/refuses", HttpProtocol.Http2, 403)]
    [InlineData("/denies", HttpProtocol.Http1, 418)]
    [InlineData("/denies", HttpProtocol.Http2, 418)]
    [InlineData("/raises_at_once", HttpProtocol.Http1, 500)]
    [InlineData("/raises_at_once", HttpProtocol.Http2, 500)]
    [InlineData("/returns_at_once", HttpProtocol.Http1, 500)]
    [InlineData("/returns_at_once", HttpProtocol.Http2, 500)]
    [InlineData("/early", HttpProtocol.Http1, 500)]
    public async Task Denial_OfAWebSocket_HasItsStatus(string target, HttpProtocol protocol, int status)
    {
        DarterServer server = await ShareAsync();
        Assert.Equal(status, await AskForDeniedAsync(server, protocol, target));
        await AssertStillServesAsync(server);
    }

    [Fact]
    public async Task Denial_ByAResponse_HasItsFieldsAndBody()
    {
        await using RawWebSocket socket = await RawWebSocket.AskAsync((await ShareAsync()).Address, "/denies");
        RawResponse response = await socket.Connection.ReadResponseAsync();
        Assert.Equal((418, "teapot", "short and stout"), (response.Status, response["x-why"], response.Text));

        // It was a request like any other: the connection serves on.
        await socket.Connection.WriteAsync(Get("/"));
        Assert.Equal(200, (await socket.Connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", 426)]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", 426)]
    [InlineData("Sec-WebSocket-Version: 13\r\n", 400)]
    [InlineData("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n", 400)]
    [InlineData("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!==\r\n", 400)]
    [InlineData("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: a b\r\n", 400)]
    public async Task Handshake_ThatIsNotValid_IsRefused(string fields, int status)
    {
        DarterServer server = await ShareAsync();
        RawResponse response = await RawConnection.ExchangeAsync(
            server.Address, $"GET /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{fields}\r\n");
        Assert.Equal(status, response.Status);
        Assert.Equal(status == 426 ? "13" : null, response["sec-websocket-version"]);
        await AssertStillServesAsync(server);
    }

    [Theory]
    [InlineData("POST /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("GET /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")]
    [InlineData("GET /echo HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n")]
    public async Task Request_ThatAsksForNoWebSocket_IsARequest(string request)
    {
        RawResponse response = await RawConnection.ExchangeAsync((await ShareAsync()).Address, request);
        Assert.Equal(200, response.Status);
    }

    [Fact]
    public async Task Client_ThatLeavesInTheHandshake_IsTold()
    {
        Gate gate = OpenGate();
        RawWebSocket socket = await RawWebSocket.AskAsync((await ShareAsync()).Address, $"/waits_in_handshake?port={gate.Port}");
        await gate.ReachedAsync("waiting");

        socket.Connection.Abort();

        Assert.Equal("""{"code": 1006, "reason": "", "type": "websocket.disconnect"}""", (await gate.ReachedAsync("left")).Text);
    }

    [Fact]
    public async Task Message_SentBeforeTheAnswer_IsNotLost()
    {
        await using RawWebSocket socket = await RawWebSocket.AskAsync((await ShareAsync()).Address, "/echo");
        await socket.WriteAsync("with the handshake");
        Assert.Equal(101, (await socket.Connection.ReadHeadAsync()).Status);
        Assert.Equal("with the handshake", await socket.ReadTextAsync());
    }
}
