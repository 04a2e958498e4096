using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>A page in a browser, by WebSocket and EventSource.</summary>
public class BrowserTests(ServerPool pool) : AsgiTest(pool)
{
    [Fact]
    public async Task Page_SpeaksByWebSocketAndEventSource()
    {
        Assert.SkipUnless(Command.Exists("chromium"), "There is no browser: apt-get install chromium");
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("browser");
        using HeadlessBrowser browser = HeadlessBrowser.Open(new Uri(server.Address.Uri, $"?port={gate.Port}"));

        JsonElement seen = JsonDocument.Parse((await gate.ReachedAsync("reported")).Text).RootElement;

        Assert.True(seen.ValueKind == JsonValueKind.Object, $"{seen}");
        JsonElement exchanged = seen.GetProperty("exchanged");
        Assert.Equal("""["text","grüße 🐍",[0,1,254,255],"",true]""", exchanged.GetProperty("answers").GetRawText());
        Assert.Equal(("chat", "permessage-deflate"), (exchanged.GetProperty("protocol").GetString(), exchanged.GetProperty("extensions").GetString()));
        Assert.Equal((4001, true), (exchanged.GetProperty("code").GetInt32(), exchanged.GetProperty("clean").GetBoolean()));
        Assert.Equal("4001 enough", (await gate.ReachedAsync("left")).Text);
        Assert.Equal("""[true,4002,"the server's",true]""", seen.GetProperty("closed").GetRawText());
        Assert.StartsWith("[true,1011,", seen.GetProperty("raised").GetRawText(), StringComparison.Ordinal);
        Assert.Equal("""[false,1006,"",false]""", seen.GetProperty("denied").GetRawText());
        Assert.Equal("""[["1","tick"],["2","tick"],["3","tick"],["4","tick"],["5","last"]]""", seen.GetProperty("events").GetRawText());
    }
}
