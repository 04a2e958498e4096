using Darter.Testing.Browsing;
using Microsoft.Playwright;

namespace Darter.Integration.Tests.Development;

/// <summary>Live reload, in a browser.</summary>
public class LiveReloadTests(ServerPool pool, Browser browser) : DevelopmentTest(pool), IClassFixture<Browser>
{
    private const string Code = """
        import pathlib
        import answer

        def app(environ, start_response):
            if environ["PATH_INFO"] == "/site.css":
                start_response("200 OK", [("Content-Type", "text/css")])
                return [pathlib.Path(__file__).with_name("site.css").read_bytes()]
            start_response("200 OK", [("Content-Type", "text/html")])
            return [("<!doctype html><link rel=stylesheet href=/site.css><h1>" + answer.TEXT + "</h1>").encode()]
        """;

    [Fact]
    public async Task Page_FollowsWhatIsSaved()
    {
        IPage page = await OpenAsync();
        await HasHeadingAsync(page, "one");
        await page.EvaluateAsync("window.marked = true");

        // A style sheet alone: the page stays.
        Save("site.css", "h1 { color: rgb(0, 128, 0) }");
        await page.WaitForFunctionAsync("getComputedStyle(document.querySelector('h1')).color === 'rgb(0, 128, 0)'");
        Assert.True(await IsMarkedAsync(page));

        // Code: the page is another one.
        SaveAnswer("two");
        await HasHeadingAsync(page, "two");
        Assert.False(await IsMarkedAsync(page));
    }

    [Fact]
    public async Task Mistake_IsShownByItself_AndGoesByItself()
    {
        IPage page = await OpenAsync();
        await HasHeadingAsync(page, "one");

        Save("answer.py", "TEXT = (\n");
        await page.GetByText("SyntaxError").First.WaitForAsync();

        SaveAnswer("two");
        await HasHeadingAsync(page, "two");
    }

    private async Task<IPage> OpenAsync()
    {
        Save("app.py", Code);
        Save("site.css", "h1 { color: rgb(255, 0, 0) }");
        SaveAnswer("one");
        DarterServer server = await StartDevAsync();
        IPage page = await browser.OpenPageAsync();
        await page.GotoAsync($"http://127.0.0.1:{server.Address.Port}/");
        return page;
    }

    private static Task HasHeadingAsync(IPage page, string text) => page.Locator("h1", new() { HasTextString = text }).WaitForAsync();

    private static Task<bool> IsMarkedAsync(IPage page) => page.EvaluateAsync<bool>("window.marked === true");
}
