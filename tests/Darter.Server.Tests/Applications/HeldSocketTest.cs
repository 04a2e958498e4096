using System.Text;
using Darter.Server.Configuration;
using Darter.Server.Hub;
using Darter.Server.Tests.WebSockets;
using Darter.Testing.Http;
using Darter.Wire;

namespace Darter.Server.Tests.Applications;

/// <summary>What tests of WebSockets that the front holds have in common.</summary>
public abstract class HeldSocketTest
{
    private protected const string Grip = "sec-websocket-extensions";

    private protected static Task<FrontHarness> StartAsync(Func<HubConfig, HubConfig>? hub = null, ApplicationInterface application = ApplicationInterface.Wsgi) =>
        FrontHarness.StartAsync(application, configure: config =>
            config with { Hub = hub?.Invoke(new HubConfig { IsOn = true }) ?? new HubConfig { IsOn = true } });

    /// <summary>Opens a WebSocket that the application accepts, with events behind OPEN.</summary>
    private protected static async Task<WebSocketPeer> OpenAsync(FrontHarness front, string events = "", params (string Name, string Value)[] fields)
    {
        WebSocketPeer peer = await WebSocketPeer.AskAsync(front.Address);
        EventsReceived open = front.Worker.ReadEvents();
        Assert.Equal("OPEN\r\n", open.Body);
        front.Worker.AnswerEvents(open.Stream, "OPEN\r\n" + events, fields.Length > 0 ? fields : [(Grip, "grip; message-prefix=\"\"")]);
        await peer.ReadAnswerAsync();
        return peer;
    }

    private protected static string Subscribe(string channel, string more = "") =>
        EventExchange.Event("TEXT", $$"""c:{"type": "subscribe", "channel": "{{channel}}"{{more}}}""");

    private protected static HubItem Item(string channel, string content, string? id = null, HubSocketType type = HubSocketType.Text) => new()
    {
        Channel = channel,
        Id = id,
        Socket = new HubSocketMessage(HubAction.Send, type, Encoding.UTF8.GetBytes(content), 0, ""),
    };

    /// <summary>An ordinary request is the next that the worker gets: nothing else was sent to it.</summary>
    private protected static async Task AssertNothingElseCameAsync(FrontHarness front)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync($"GET /next HTTP/1.1\r\nHost: {front.Address.Authority}\r\n\r\n");
        (uint stream, string target) = front.Worker.ReadRequest();
        Assert.Equal("/next", target);
        front.Worker.Respond(stream, "fine");
        Assert.Equal("fine", (await connection.ReadResponseAsync()).Text);
    }
}
