using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Darter.Testing.Browsing;
using Microsoft.Playwright;

namespace Darter.Integration.Tests.Tornado;

/// <summary>A whole site of Tornado, as people use it: forms, a chat, uploads.</summary>
public partial class SiteTests(ServerPool pool, Browser browser) : TornadoTest(pool), IClassFixture<Browser>
{
    [Theory]
    [InlineData("poll")]
    [InlineData("socket")]
    public async Task TwoPages_Chat(string by)
    {
        DarterServer server = await StartSiteAsync();
        IPage ann = await SignInAsync(server, "Ann", by);
        IPage ben = await SignInAsync(server, "Ben", by);
        await SayAsync(ann, "gr\u00fc\u00dfe <b>& more");
        await SeesAsync(ben, "Ann: gr\u00fc\u00dfe <b>& more");
        await SayAsync(ben, "hello");
        await SeesAsync(ann, "Ben: hello");

        // One leaves while the server waits to tell it something; another comes late.
        await ann.Context.CloseAsync();
        IPage cid = await SignInAsync(server, "Cid", by);
        await SeesAsync(cid, "Ben: hello");
        await SayAsync(cid, "late");
        await SeesAsync(ben, "Cid: late");
        Assert.Equal(["Ann: gr\u00fc\u00dfe <b>& more", "Ben: hello", "Cid: late"], await ben.Locator("#messages li").AllTextContentsAsync());
        Assert.DoesNotContain("Traceback", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_AreUploadedByTheForm()
    {
        DarterServer server = await StartSiteAsync();
        IPage page = await SignInAsync(server, "Ann", "poll");
        byte[] large = [.. Enumerable.Range(0, 3_000_000).Select(number => (byte)(number * number >> 5))];
        FilePayload[] files =
        [
            new() { Name = "gr\u00fc\u00dfe.bin", MimeType = "application/octet-stream", Buffer = large },
            new() { Name = "empty.txt", MimeType = "text/plain", Buffer = [] },
        ];
        await page.Locator("[name=files]").SetInputFilesAsync(files);
        await page.GetByText("Upload").ClickAsync();
        await page.Locator("#uploads li").Nth(1).WaitForAsync();
        Assert.Equal(["empty.txt 0", $"gr\u00fc\u00dfe.bin {large.Length}"], await page.Locator("#uploads li").AllTextContentsAsync());
        IAPIResponse file = await page.APIRequest.GetAsync(Url(server, "/uploads/gr%C3%BC%C3%9Fe.bin"));
        Assert.Equal(large, await file.BodyAsync());
    }

    [Fact]
    public async Task Forms_SignInAndOut()
    {
        DarterServer server = await StartSiteAsync();
        IPage page = await browser.OpenPageAsync();
        await page.GotoAsync(Url(server, "/?by=socket"));
        await page.GetByText("Sign in").ClickAsync();
        await Assertions.Expect(page.Locator("#problem")).ToHaveTextAsync("A name is needed.");
        await page.FillAsync("[name=name]", "Ann");
        await page.GetByText("Sign in").ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Hello, Ann");
        await Assertions.Expect(page).ToHaveURLAsync(Url(server, "/?by=socket"));
        await page.GetByText("Sign out").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(Url(server, "/sign-in"));

        // A form of another site has no token.
        Assert.Equal(403, (await page.APIRequest.PostAsync(Url(server, "/sign-in"), new() { DataString = "name=x" })).Status);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Clients_OfAnyProtocol_Chat(HttpProtocol protocol)
    {
        DarterServer server = await StartSiteAsync();
        using HttpClient client = Client(server, protocol);
        using HttpResponseMessage form = await client.GetAsync("/sign-in", Cancellation);
        string token = Token().Match(await form.Content.ReadAsStringAsync(Cancellation)).Groups[1].Value;
        client.DefaultRequestHeaders.Add("Cookie", Cookie(form));
        using HttpResponseMessage signedIn = await PostAsync(client, "/sign-in", ("_xsrf", token), ("name", "Ann"));
        Assert.Equal(("/", protocol == HttpProtocol.Http2 ? 2 : 1), (signedIn.Headers.Location?.OriginalString, signedIn.Version.Major));
        client.DefaultRequestHeaders.Add("Cookie", Cookie(signedIn));

        Task<string> poll = client.GetStringAsync("/messages?last=0", Cancellation);
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = client.DefaultRequestVersion;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.SetRequestHeader("Cookie", string.Join("; ", client.DefaultRequestHeaders.GetValues("Cookie")));
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { UseCookies = false });
        await Wait.For(socket.ConnectAsync(new Uri($"ws://{server.Address.Authority}/socket"), invoker, Cancellation), "the handshake");
        await socket.SendAsync(Encoding.UTF8.GetBytes("by WebSocket"), WebSocketMessageType.Text, endOfMessage: true, Cancellation);
        Assert.Equal("by WebSocket", JsonDocument.Parse(await Wait.For(poll, "the answer to a long poll")).RootElement.GetProperty("messages")[0].GetProperty("text").GetString());

        using HttpResponseMessage said = await PostAsync(client, "/messages", ("_xsrf", token), ("text", "by form"));
        Assert.Equal(204, (int)said.StatusCode);
        Assert.Equal(["by WebSocket", "by form"], [await ReadTextAsync(socket), await ReadTextAsync(socket)]);
        await Wait.For(socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Cancellation), "the close");
    }

    private static string Url(DarterServer server, string target) => $"http://127.0.0.1:{server.Address.Port}{target}";

    private static Task SeesAsync(IPage page, string message) => page.GetByText(message, new() { Exact = true }).WaitForAsync();

    private static async Task SayAsync(IPage page, string text)
    {
        await page.FillAsync("[name=text]", text);
        await page.PressAsync("[name=text]", "Enter");
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string target, params (string Name, string Value)[] fields) =>
        client.PostAsync(target, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))), Cancellation);

    private static string Cookie(HttpResponseMessage response) =>
        string.Join("; ", response.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));

    private static async Task<string> ReadTextAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        WebSocketReceiveResult result = await Wait.For(socket.ReceiveAsync(buffer, Cancellation), "a message");
        return JsonDocument.Parse(buffer.AsMemory(0, result.Count)).RootElement.GetProperty("text").GetString()!;
    }

    [GeneratedRegex("name=\"_xsrf\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    /// <summary>A site of the test's own. A page that waits for messages at its end is not waited for.</summary>
    private Task<DarterServer> StartSiteAsync() => StartAsync("site", "--graceful-timeout", "1");

    private async Task<IPage> SignInAsync(DarterServer server, string name, string by)
    {
        IPage page = await browser.OpenPageAsync();
        await page.GotoAsync(Url(server, $"/?by={by}"));
        await page.FillAsync("[name=name]", name);
        await page.PressAsync("[name=name]", "Enter");
        await page.GetByText($"Hello, {name}").WaitForAsync();
        return page;
    }
}
