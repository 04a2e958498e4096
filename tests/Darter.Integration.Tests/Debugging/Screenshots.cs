using Microsoft.Playwright;

namespace Darter.Integration.Tests.Debugging;

/// <summary>Pictures of pages for whoever wants to look at them: in the folder that <c>DARTER_TEST_SCREENSHOTS</c> names, else none.</summary>
internal static class Screenshots
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("DARTER_TEST_SCREENSHOTS");

    /// <summary>Takes a picture of the whole page.</summary>
    public static async Task TakeAsync(IPage page, string name)
    {
        if (Folder is not null)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(Folder, $"{name}.png"), FullPage = true });
        }
    }
}
