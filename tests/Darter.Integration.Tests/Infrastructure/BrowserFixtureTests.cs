using Darter.Testing.Browsing;
using Microsoft.Playwright;

namespace Darter.Integration.Tests.Infrastructure;

/// <summary>The browser that other tests use.</summary>
public sealed class BrowserFixtureTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task OpenPageAsync_Dark_PageSeesIt()
    {
        IPage page = await browser.OpenPageAsync(new BrowserNewContextOptions { ColorScheme = ColorScheme.Dark });
        await page.SetContentAsync("<title>A page</title><p>Hello");

        Assert.Equal("A page", await page.TitleAsync());
        Assert.True(await page.EvaluateAsync<bool>("matchMedia('(prefers-color-scheme: dark)').matches"));
    }
}
