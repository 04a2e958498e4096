using Darter.Testing.Browsing;
using Microsoft.Playwright;

namespace Darter.Integration.Tests.Debugging;

/// <summary>Base of the tests that look at the debugger's page in a browser.</summary>
public abstract class DebuggerTest(ServerPool pool, Browser browser) : ServerTest(pool), IClassFixture<Browser>
{
    /// <summary>The PIN of the applications of these tests.</summary>
    protected const string Pin = "123-456-789";

    private readonly List<string> _problems = [];

    /// <summary>Where the frames with source of this test's page are.</summary>
    protected const string Frames = "main > .frames > .frame";

    /// <summary>What the browser complained about: errors of scripts, violations of the page's policy, requests that failed.</summary>
    protected IReadOnlyList<string> Problems => _problems;

    /// <summary>How to start an application that is within the debugger.</summary>
    protected static DarterServerOptions Options(string interfaceName) =>
        new() { Target = Path.Combine(interfaceName == "asgi" ? RepositoryPaths.AsgiApp("debugger") : RepositoryPaths.WsgiApp("debugger"), "app.py") };

    /// <summary>Opens a page of a server; its console's complaints are kept.</summary>
    protected async Task<IPage> OpenAsync(DarterServer server, string path, BrowserNewContextOptions? options = null)
    {
        IPage page = await browser.OpenPageAsync(options);
        page.PageError += (_, error) => _problems.Add(error);
        page.Console += (_, message) =>
        {
            // That the page itself is answered with 500 is told, too.
            if (message.Type == "error" && !message.Text.Contains("500 (Internal Server Error)", StringComparison.Ordinal))
            {
                _problems.Add(message.Text);
            }
        };
        await page.GotoAsync(new Uri(server.Address.Uri, path).ToString());
        return page;
    }

    /// <summary>Opens the console of a frame, giving the PIN, and returns its field.</summary>
    protected static async Task<ILocator> UnlockAsync(IPage page, ILocator frame)
    {
        await frame.Locator("button.open").First.ClickAsync();
        await page.FillAsync("#pin", Pin);
        await page.PressAsync("#pin", "Enter");
        return frame.GetByRole(AriaRole.Textbox, new() { Name = "Python code" });
    }

    /// <summary>Types a line into a console.</summary>
    protected static async Task TypeAsync(ILocator field, string line)
    {
        await field.FillAsync(line);
        await field.PressAsync("Enter");
    }

    /// <summary>Waits until an element has exactly this text.</summary>
    protected static Task HasTextAsync(ILocator element, string text) => Assertions.Expect(element).ToHaveTextAsync(text);

    /// <summary>Waits until there are so many elements.</summary>
    protected static Task HasCountAsync(ILocator elements, int count) => Assertions.Expect(elements).ToHaveCountAsync(count);
}
