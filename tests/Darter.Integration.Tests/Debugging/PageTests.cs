using Darter.Testing.Browsing;
using Microsoft.Playwright;

namespace Darter.Integration.Tests.Debugging;

/// <summary>The debugger's page, as a browser shows it.</summary>
public class PageTests(ServerPool pool, Browser browser) : DebuggerTest(pool, browser)
{
    public static MatrixTheoryData<string, ColorScheme> WidthsAndSchemes =>
        new(["desktop", "phone"], [ColorScheme.Light, ColorScheme.Dark]);

    [Fact]
    public async Task Page_OfAChain_ShowsExceptionsSourcesAndVariables()
    {
        IPage page = await OpenAsync(await ShareAsync(Options("wsgi")), "/chained?tea=green");

        await HasTextAsync(page.Locator("h1"), "app.ShopError");
        await HasTextAsync(page.Locator("header .message"), "there is no price for 'oolong' in Teahouse");
        await HasTextAsync(page.Locator(".relation"), "Caused by");
        await HasTextAsync(page.Locator("h2.type").First, "KeyError");

        ILocator frame = page.Locator(Frames).First;
        await HasTextAsync(frame.Locator(".function"), "chained");
        Assert.Contains("raise ShopError(", await frame.Locator(".line.meant").InnerTextAsync(), StringComparison.Ordinal);
        string variables = await frame.Locator(".variables dl").InnerTextAsync();
        Assert.Contains("Teahouse", variables, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", variables, StringComparison.Ordinal);
        Assert.Contains("green", await page.Locator(".request").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Empty(Problems);
    }

    [Fact]
    public async Task Page_WithLibraries_FoldsTheirFrames()
    {
        IPage page = await OpenAsync(await ShareAsync(Options("wsgi")), "/library");

        ILocator folded = page.Locator(".folded");
        await HasCountAsync(folded, 1);
        ILocator inside = folded.Locator(".source").First;
        Assert.False(await inside.IsVisibleAsync());
        await folded.Locator("> summary").ClickAsync();
        await folded.Locator(".frame > summary").First.ClickAsync();
        Assert.True(await inside.IsVisibleAsync());

        // The application's own frames are open.
        Assert.True(await page.Locator($"{Frames}:not(.library) > .source").First.IsVisibleAsync());
        Assert.Empty(Problems);
    }

    [Fact]
    public async Task Page_CopyAsText_IsInTheClipboard()
    {
        IPage page = await OpenAsync(await ShareAsync(Options("wsgi")), "/chained");
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);

        await page.ClickAsync("#copy");
        await HasTextAsync(page.Locator("#copy"), "Copied");

        string text = await page.EvaluateAsync<string>("navigator.clipboard.readText()");
        Assert.StartsWith("Traceback (most recent call last):", text, StringComparison.Ordinal);
        Assert.EndsWith("in Teahouse\n", text, StringComparison.Ordinal);
        Assert.Empty(Problems);
    }

    [Fact]
    public async Task Page_OfAsgi_TakesThePlaceOfAPlainResponse()
    {
        DarterServer server = await ShareAsync(Options("asgi"));
        foreach (string path in (string[])["/", "/plain"])
        {
            IPage page = await OpenAsync(server, path);
            await HasTextAsync(page.Locator("h1"), "LookupError");
            await HasTextAsync(page.Locator(".function").First, "view");
        }

        Assert.Empty(Problems);
    }

    [Fact]
    public async Task Page_OfWhatDidNotLoad_ShowsWhereOnEveryPath()
    {
        string target = Path.Combine(RepositoryPaths.WsgiApp("debugger"), "broken.py");
        IPage page = await OpenAsync(await ShareAsync(new DarterServerOptions { Target = target }), "/any/path");

        await HasTextAsync(page.Locator(".where"), "The application did not load");
        await HasTextAsync(page.Locator("h1"), "SyntaxError");
        await HasTextAsync(page.Locator(".place .meant code"), "def app(environ, start_response:");
        await HasCountAsync(page.Locator(".request"), 0);
        await Screenshots.TakeAsync(page, "debugger-broken");
        Assert.Empty(Problems);
    }

    [Theory]
    [MemberData(nameof(WidthsAndSchemes))]
    public async Task Page_AtAnyWidth_NeedsNoScrollingSideways(string width, ColorScheme scheme)
    {
        DarterServer server = await ShareAsync(Options("wsgi"));
        ViewportSize size = width == "phone" ? new() { Width = 390, Height = 844 } : new() { Width = 1280, Height = 900 };
        foreach (string path in (string[])["/chained", "/long", "/library"])
        {
            IPage page = await OpenAsync(server, path, new() { ViewportSize = size, ColorScheme = scheme });

            Assert.Equal(size.Width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
            Assert.Equal(scheme == ColorScheme.Dark, await page.EvaluateAsync<int>("parseInt(getComputedStyle(document.body).backgroundColor.slice(4))") < 128);
            await Screenshots.TakeAsync(page, $"debugger{path.Replace('/', '-')}-{width}-{scheme}");
        }

        Assert.Empty(Problems);
    }
}
