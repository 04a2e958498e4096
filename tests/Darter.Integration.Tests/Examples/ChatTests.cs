using System.Text.Json;
using Darter.Integration.Tests.Debugging;
using Darter.Testing.Browsing;
using Darter.Testing.Processes;
using Microsoft.Playwright;

namespace Darter.Integration.Tests.Examples;

/// <summary>The chats of examples/chat, in two browsers at a time.</summary>
public class ChatTests(ServerPool pool, Browser browser) : ServerTest(pool), IClassFixture<Browser>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("flask")]
    [InlineData("django")]
    [InlineData("fastapi")]
    public async Task TwoPages_Chat(string framework)
    {
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = Path.Combine(RepositoryPaths.Root, "examples", "chat", $"{framework}_chat.py"),
            Python = Require.SystemPython(framework),
        });
        IPage ann = await OpenAsync(server, "Ann", ColorScheme.Light);
        IPage ben = await OpenAsync(server, "Ben", ColorScheme.Dark);
        await Screenshots.TakeAsync(ann, $"chat-{framework}-empty");
        await SayAsync(ann, "Hello! <b>Anybody</b> here?");
        await SeesAsync(ben, "Hello! <b>Anybody</b> here?");
        await SayAsync(ben, "Gr\u00fc\u00dfe, yes. Nothing of this message is in the memory of a Python process, and no thread waits for the next.");
        await SeesAsync(ann, "Gr\u00fc\u00dfe, yes. Nothing of this message is in the memory of a Python process, and no thread waits for the next.");

        // The workers are replaced; the streams stay.
        int mark = server.Log.Count;
        server.Send(Signal.Hangup);
        await server.Log.WaitForAsync("Generation 2 serves", mark);
        await server.Log.WaitForAsync("ended: exit status 0", mark);
        await SayAsync(ben, "Still there?");
        await SeesAsync(ann, "Still there?");
        Assert.Equal("live", await ann.TextContentAsync("#state"));

        // Who comes late has it all, who comes again what is new since.
        IPage cid = await OpenAsync(server, "Cid", ColorScheme.Light);
        await SeesAsync(cid, "Still there?");
        Assert.Equal(["Ann", "Ben", "Ben"], await cid.Locator("li b").AllTextContentsAsync());
        Assert.Equal(1, await ann.Locator("li.own").CountAsync());
        Assert.Equal(["Still there?"], (await ReadAsync(server, lastId: (await ReadAsync(server, null, 3))[1].Id, 1)).Select(message => message.Text));
        await Screenshots.TakeAsync(ann, $"chat-{framework}-light");
        await Screenshots.TakeAsync(ben, $"chat-{framework}-dark");
    }

    private static Task SeesAsync(IPage page, string text) => page.GetByText(text, new() { Exact = true }).WaitForAsync();

    private static async Task SayAsync(IPage page, string text)
    {
        await page.FillAsync("[name=text]", text);
        await page.PressAsync("[name=text]", "Enter");
        await SeesAsync(page, text);
    }

    /// <summary>The first messages of a new stream.</summary>
    private static async Task<List<(string Id, string Text)>> ReadAsync(DarterServer server, string? lastId, int count)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{server.Address.Port}/events");
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        var messages = new List<(string, string)>();
        string id = "";
        while (messages.Count < count)
        {
            string line = await Wait.For(reader.ReadLineAsync(Cancellation).AsTask(), "a line of the stream") ?? throw new EndOfStreamException();
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = line[4..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                messages.Add((id, JsonDocument.Parse(line[6..]).RootElement.GetProperty("text").GetString()!));
            }
        }

        return messages;
    }

    private async Task<IPage> OpenAsync(DarterServer server, string name, ColorScheme scheme)
    {
        IPage page = await browser.OpenPageAsync(new() { ViewportSize = new() { Width = 390, Height = 760 }, ColorScheme = scheme, DeviceScaleFactor = 2 });
        await page.GotoAsync($"http://127.0.0.1:{server.Address.Port}/");
        await page.FillAsync("[name=name]", name);
        await page.GetByText("live", new() { Exact = true }).WaitForAsync();
        return page;
    }
}
