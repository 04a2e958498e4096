using Microsoft.Playwright;

namespace Darter.Testing.Browsing;

/// <summary>
/// Debian's chromium without a window, driven by Playwright: a class fixture (<c>IClassFixture&lt;Browser&gt;</c>), so that the
/// tests of a class share one. It is started by the first test that opens a page; where there is none, that test is skipped.
/// </summary>
public sealed class Browser : IAsyncDisposable
{
    private const string Executable = "/usr/bin/chromium";

    // xUnit's contract for libraries that do not refer to it: an exception that begins like this skips the test.
    private const string SkipToken = "$XunitDynamicSkip$";

    private readonly SemaphoreSlim _starting = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>
    /// Opens an empty page with cookies and storage of its own. It is closed with the browser, or with its
    /// <see cref="IPage.Context"/> before that.
    /// </summary>
    /// <param name="options">Window size, light or dark, and the like; by default a desktop window of 1280 × 800.</param>
    public async Task<IPage> OpenPageAsync(BrowserNewContextOptions? options = null)
    {
        IBrowser browser = await StartAsync();
        IBrowserContext context = await browser.NewContextAsync(options ?? new BrowserNewContextOptions { ViewportSize = new() { Width = 1280, Height = 800 } });
        context.SetDefaultTimeout((float)Wait.Patience.TotalMilliseconds);
        return await context.NewPageAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
        _starting.Dispose();
    }

    private async Task<IBrowser> StartAsync()
    {
        if (!File.Exists(Executable))
        {
            throw new InvalidOperationException($"{SkipToken}There is no {Executable}; Debian's package is chromium.");
        }

        await _starting.WaitAsync();
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            Assertions.SetDefaultExpectTimeout((float)Wait.Patience.TotalMilliseconds);

            // Its sandbox refuses to run as root, and containers have little shared memory.
            return _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Executable,
                Headless = true,
                Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
                Timeout = (float)Wait.Patience.TotalMilliseconds,
            });
        }
        finally
        {
            _starting.Release();
        }
    }
}
