using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text.Json;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>Starlette: WebSockets, over HTTP/1.1 and HTTP/2.</summary>
public class StarletteSocketTests(ServerPool pool) : StarletteTest(pool)
{
    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Echo_OfTextAndBytes_SendsThemBack(string application, HttpProtocol protocol)
    {
        DarterServer server = await ShareStarletteAsync(application);
        foreach (string target in (string[])["/echo", "/mounted/echo"])
        {
            await using SocketClient client = await SocketClient.OpenAsync(server, protocol, target);
            foreach (string text in (string[])["hello", "", "grüße \u2713", new('x', 200_000)])
            {
                await client.SendAsync(text);
                Assert.Equal(text, await client.ReadTextAsync());
            }

            foreach (int size in (int[])[0, 1, 125, 126, 65535, 65536, 1_000_000])
            {
                byte[] content = RandomNumberGenerator.GetBytes(size);
                await client.SendAsync(content);
                (WebSocketMessageType type, byte[] back) = await client.ReadAsync();
                Assert.Equal(WebSocketMessageType.Binary, type);
                Assert.Equal(content, back);
            }

            await client.CloseAsync(1000);
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Accept_WithSubprotocolAndHeaders_IsTheHandshakesAnswer(HttpProtocol protocol)
    {
        await using SocketClient client = await SocketClient.OpenAsync(await ShareStarletteAsync(), protocol, "/echo", options =>
        {
            options.AddSubProtocol("other");
            options.AddSubProtocol("chat");
        });
        Assert.Equal("chat", client.Socket.SubProtocol);
        Assert.Equal(["accepted"], client.Socket.HttpResponseHeaders!["x-socket"]);
        Assert.Equal(["socket=1"], client.Socket.HttpResponseHeaders!["set-cookie"]);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Json_InTextAndBinary_IsUnderstood(HttpProtocol protocol)
    {
        DarterServer server = await ShareStarletteAsync();
        await using SocketClient text = await SocketClient.OpenAsync(server, protocol, "/json_socket");
        await text.SendAsync("""{"a": [1, "ü"]}""");
        Assert.Equal("ü", (await text.ReadJsonAsync()).GetProperty("got").GetProperty("a")[1].GetString());

        await using SocketClient binary = await SocketClient.OpenAsync(server, protocol, "/json_socket?mode=binary");
        await binary.SendAsync("[2]");
        (WebSocketMessageType type, byte[] content) = await binary.ReadAsync();
        Assert.Equal(WebSocketMessageType.Binary, type);
        Assert.Equal(2, JsonDocument.Parse(content).RootElement.GetProperty("got")[0].GetInt32());
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Close_ByTheApplication_HasItsCodeAndReason(HttpProtocol protocol)
    {
        DarterServer server = await ShareStarletteAsync();
        foreach ((string target, int code, string reason) in (IEnumerable<(string, int, string)>)
            [("/closing_socket/1000", 1000, ""), ("/closing_socket/1001?reason=bye", 1001, "bye"), ("/closing_socket/4321?reason=gr%C3%BC%C3%9Fe", 4321, "grüße")])
        {
            await using SocketClient client = await SocketClient.OpenAsync(server, protocol, target);
            Assert.Equal("about to close", await client.ReadTextAsync());
            (int Code, string? Reason) close = await client.ReadCloseAsync();
            Assert.Equal((code, reason), (close.Code, close.Reason ?? ""));
            await client.CloseAsync(1000);
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Close_ByTheClient_HasItsCode(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareStarletteAsync();
        foreach (int code in (int[])[1000, 1001, 3000, 4999])
        {
            await using SocketClient client = await SocketClient.OpenAsync(server, protocol, $"/echo?port={gate.Port}");
            await client.CloseAsync(code, "bye");
            Assert.Equal(code, (int)client.Socket.CloseStatus!);
            Assert.Equal($"{code} bye", (await gate.ReachedAsync("left")).Text);
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Client_ThatLeavesWithoutClosing_Is1006(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        SocketClient client = await SocketClient.OpenAsync(await ShareStarletteAsync(), protocol, $"/echo?port={gate.Port}");
        await client.SendAsync("hello");
        Assert.Equal("hello", await client.ReadTextAsync());

        client.Socket.Abort();
        await client.DisposeAsync();

        Assert.StartsWith("1006 ", (await gate.ReachedAsync("left")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Refusal_BeforeAccept_IsA403(HttpProtocol protocol)
    {
        DarterServer server = await ShareStarletteAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await SocketClient.RefusedAsync(server, protocol, "/refusing_socket"));
        Assert.Equal(HttpStatusCode.Forbidden, await SocketClient.RefusedAsync(server, protocol, "/nowhere"));
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Exception_OfAnEndpoint_ClosesWith1011AndIsLogged(string application, HttpProtocol protocol)
    {
        DarterServer server = await ShareStarletteAsync(application);
        int mark = server.Log.Count;
        string word = $"word{Guid.NewGuid():N}";
        await using SocketClient client = await SocketClient.OpenAsync(server, protocol, "/failing_socket");
        await client.SendAsync(word);
        Assert.Equal(1011, (await client.ReadCloseAsync()).Code);
        await server.Log.WaitForAsync($"RuntimeError: failed in a socket {word}", mark);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Messages_PushedByATask_ComeBesideAnswers(string application, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareStarletteAsync(application);
        await using SocketClient client = await SocketClient.OpenAsync(server, protocol, $"/pushing_socket?port={gate.Port}");
        for (int number = 0; number < 3; number++)
        {
            Assert.Equal($"""["pushed", {number}]""", await client.ReadTextAsync());
            Gate.Arrival pushed = await gate.ReachedAsync("pushed");
            await client.SendAsync($"{number}");
            Assert.Equal($"""["answer", "{number}"]""", await client.ReadTextAsync());
            pushed.Release();
        }

        Assert.Equal("""["pushed", 3]""", await client.ReadTextAsync());
        await client.CloseAsync(4000);
        Assert.Equal("4000", (await gate.ReachedAsync("left")).Text);
    }
}
