using Darter.Testing.Browsing;
using Microsoft.Playwright;

namespace Darter.Integration.Tests.Files;

/// <summary>The listing, as browsers show it and as programs get it.</summary>
public sealed class ListingTests(ServerPool pool, Browser browser) : FilesTest(pool), IClassFixture<Browser>
{
    private const string Evil = "<img src=x onerror=alert(1)> & \"quotes\".txt";

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("application/json, text/plain, */*", true)]
    [InlineData("text/html;q=0.5, application/json", true)]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false)]
    [InlineData("*/*", false)]
    [InlineData("text/html, application/json;q=0.9", false)]
    public async Task Accept_DecidesTheForm(string accept, bool json)
    {
        Write("a.txt", "x");
        DarterServer server = await ServeAsync();
        RawResponse response = await GetAsync(server, "/", $"Accept: {accept}\r\n");
        Assert.Equal(json ? "application/json" : "text/html; charset=utf-8", response["Content-Type"]);
        Assert.Equal("Accept", response["Vary"]);
    }

    [Fact]
    public async Task Json_HasEachFile()
    {
        Write("file 10.txt", "ten");
        Write("file 9.txt", "nine!");
        Write("sub/inner.txt", "x");
        DarterServer server = await ServeAsync();
        System.Text.Json.JsonElement listing = (await GetAsync(server, "/?sort=name", "Accept: application/json\r\n")).Json;
        Assert.Equal("/", listing.GetProperty("path").GetString());
        Assert.True(listing.GetProperty("complete").GetBoolean());
        Assert.Equal(
            ["folder sub/ ", "file file%209.txt 5", "file file%2010.txt 3"],
            listing.GetProperty("entries").EnumerateArray().Select(entry =>
                $"{entry.GetProperty("type").GetString()} {entry.GetProperty("url").GetString()} {(entry.TryGetProperty("size", out System.Text.Json.JsonElement size) ? $"{size}" : "")}"));
        Assert.Equal("2024-05-16T10:30:00+00:00", listing.GetProperty("entries")[1].GetProperty("modified").GetString());
    }

    [Fact]
    public async Task Head_OfAListing_HasNoBody()
    {
        Write("a.txt", "x");
        DarterServer server = await ServeAsync();
        RawResponse response = await GetAsync(server, "/", "", "HEAD");
        Assert.Equal(200, response.Status);
        Assert.Empty(response.Body);
    }

    [Fact]
    public async Task Page_InABrowser_ListsSortsAndLeadsOn()
    {
        Write("small.txt", new byte[10], daysOld: 1);
        Write("large.bin", new byte[2_345_678], daysOld: 3);
        Write("sub/deep/inner.txt", "inner");
        Write(Evil, "x", daysOld: 2);
        DarterServer server = await ServeAsync();
        IPage page = await browser.OpenPageAsync();
        List<string> errors = [];
        page.Console += (_, message) => errors.Add(message.Text);
        page.Dialog += (_, dialog) => errors.Add(dialog.Message);

        await page.GotoAsync($"{server.Address.Uri}");
        await ListsAsync(page, "sub/", Evil, "large.bin", "small.txt");
        Assert.Contains("2.3 MB", await page.InnerTextAsync("tbody"), StringComparison.Ordinal);

        await page.ClickAsync("th >> text=Size");
        await ListsAsync(page, "sub/", "large.bin", "small.txt", Evil);
        await page.ClickAsync("th >> text=Size");
        await ListsAsync(page, "sub/", Evil, "small.txt", "large.bin");
        await page.ClickAsync("th >> text=Modified");
        await ListsAsync(page, "sub/", "small.txt", Evil, "large.bin");
        Assert.Equal("descending", await page.GetAttributeAsync("th.date", "aria-sort"));

        await page.ClickAsync("text=sub/");
        await page.ClickAsync("text=deep/");
        await Assertions.Expect(page).ToHaveURLAsync($"{server.Address.Uri}sub/deep/");
        await ListsAsync(page, "Parent folder", "inner.txt");
        await page.ClickAsync("nav >> text=sub");
        await Assertions.Expect(page).ToHaveURLAsync($"{server.Address.Uri}sub/");
        await page.ClickAsync("nav >> text=Files");
        await Assertions.Expect(page).ToHaveURLAsync($"{server.Address.Uri}");
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Page_OnAPhone_FitsItsWidth()
    {
        Write("a name that is much longer than the screen of any phone is wide, without a doubt.txt", "x");
        Write(new string('w', 200), "x");
        DarterServer server = await ServeAsync("--upload");
        IPage page = await browser.OpenPageAsync(new BrowserNewContextOptions { ViewportSize = new() { Width = 360, Height = 740 } });
        await page.GotoAsync($"{server.Address.Uri}");
        Assert.Equal(360, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Page_InLightAndDark_IsReadable(ColorScheme scheme)
    {
        Write("a.txt", "x");
        DarterServer server = await ServeAsync();
        IPage page = await browser.OpenPageAsync(new BrowserNewContextOptions { ColorScheme = scheme });
        await page.GotoAsync($"{server.Address.Uri}");
        foreach (string selector in (string[])["td.name a", "td.size", "td.date", "th.size a", "p.count"])
        {
            Assert.True(await ContrastAsync(page, selector) >= 4.5, $"{selector} in {scheme}");
        }
    }

    [Fact]
    public async Task Form_InABrowser_UploadsFiles()
    {
        DarterServer server = await ServeAsync("--upload");
        IPage page = await browser.OpenPageAsync();
        await page.GotoAsync($"{server.Address.Uri}");
        await page.SetInputFilesAsync("input[type=file]", new FilePayload { Name = "grüße \"1\".txt", MimeType = "text/plain", Buffer = "hello"u8.ToArray() });
        await page.ClickAsync("text=Upload");
        await Assertions.Expect(Names(page)).ToHaveCountAsync(1);
        Assert.Equal("hello", await File.ReadAllTextAsync(Directory.GetFiles(Folder).Single(), TestContext.Current.CancellationToken));
    }

    /// <summary>Waits until the page lists just these names, in this order.</summary>
    private static Task ListsAsync(IPage page, params string[] names) => Assertions.Expect(Names(page)).ToHaveTextAsync(names);

    private static ILocator Names(IPage page) => page.Locator("td.name a span:last-child");

    /// <summary>The contrast between an element's text and what is behind it (WCAG 2, which asks for 4.5).</summary>
    private static Task<double> ContrastAsync(IPage page, string selector) => page.EvaluateAsync<double>(
        """
        selector => {
          const luminance = color => {
            const [r, g, b] = color.match(/[\d.]+/g).map(Number).map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const element = document.querySelector(selector);
          let behind = element;
          while (getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
          const [a, b] = [luminance(getComputedStyle(element).color), luminance(getComputedStyle(behind).backgroundColor)].sort((x, y) => y - x);
          return (a + 0.05) / (b + 0.05);
        }
        """, selector);
}
