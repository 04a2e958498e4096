using Darter.Testing.Browsing;
using Microsoft.Playwright;

namespace Darter.Integration.Tests.Debugging;

/// <summary>The console in the frames of the debugger's page.</summary>
public class ConsoleTests(ServerPool pool, Browser browser) : DebuggerTest(pool, browser)
{
    [Fact]
    public async Task Console_OfAFrame_HasItsVariables()
    {
        IPage page = await OpenAsync(await ShareAsync(Options("wsgi")), "/chained");
        ILocator frame = page.Locator(Frames).First;
        ILocator field = await UnlockAsync(page, frame);
        ILocator said = frame.Locator(".console .said");

        await TypeAsync(field, "shop['name'], shop['open']");
        await HasTextAsync(said.Nth(0), "('Teahouse', True)");
        await TypeAsync(field, "_[0].upper()");
        await HasTextAsync(said.Nth(1), "'TEAHOUSE'");
        await TypeAsync(field, "1 / 0");
        await Assertions.Expect(said.Nth(2)).ToContainTextAsync("ZeroDivisionError: division by zero");

        // The next frame has others, and needs no PIN any more.
        ILocator next = page.Locator(Frames).Nth(1);
        await next.Locator("button.open").ClickAsync();
        await TypeAsync(next.GetByRole(AriaRole.Textbox), "view.__name__");
        await HasTextAsync(next.Locator(".console .said"), "'chained'");
        await Screenshots.TakeAsync(page, "debugger-console");
        Assert.Empty(Problems);
    }

    [Fact]
    public async Task Console_WithABlock_GoesOnUntilAnEmptyLine()
    {
        IPage page = await OpenAsync(await ShareAsync(Options("wsgi")), "/chained");
        ILocator frame = page.Locator(Frames).First;
        ILocator field = await UnlockAsync(page, frame);
        ILocator prompt = frame.Locator(".prompt");

        await TypeAsync(field, "for shelf in shop['shelves']:");
        await HasTextAsync(prompt, "...");
        await field.PressAsync("Tab");
        Assert.Equal("    ", await field.InputValueAsync());
        await TypeAsync(field, "    print(sum(shelf))");
        await HasCountAsync(frame.Locator(".typed"), 2);
        await TypeAsync(field, "");

        await HasTextAsync(frame.Locator(".said"), "3\n3");
        await HasTextAsync(prompt, ">>>");

        await field.PressAsync("ArrowUp");
        Assert.Equal("    print(sum(shelf))", await field.InputValueAsync());
        Assert.Empty(Problems);
    }

    [Fact]
    public async Task Console_OfAsgi_CanAwait()
    {
        IPage page = await OpenAsync(await ShareAsync(Options("asgi")), "/tea");
        ILocator frame = page.Locator(Frames).First;
        ILocator field = await UnlockAsync(page, frame);

        await TypeAsync(field, "await asyncio.sleep(0, customer['path'])");
        await HasTextAsync(frame.Locator(".said"), "'/tea'");
        Assert.Empty(Problems);
    }

    [Fact]
    public async Task Console_WithAWrongPin_StaysLocked()
    {
        IPage page = await OpenAsync(await StartAsync(Options("wsgi")), "/chained");
        await page.Locator(Frames).First.Locator("button.open").ClickAsync();

        await page.FillAsync("#pin", "000-000-000");
        await page.PressAsync("#pin", "Enter");
        await HasTextAsync(page.Locator("#pin-error"), "That is not the PIN.");
        await Screenshots.TakeAsync(page, "debugger-pin");

        await page.ClickAsync("#pin-cancel");
        await HasCountAsync(page.Locator(".console"), 0);
        Assert.Empty(await page.Context.CookiesAsync());
    }

    [Fact]
    public async Task Console_AfterThePin_IsOpenToTheNextPage()
    {
        DarterServer server = await ShareAsync(Options("wsgi"));
        IPage page = await OpenAsync(server, "/chained");
        await TypeAsync(await UnlockAsync(page, page.Locator(Frames).First), "1");
        await HasTextAsync(page.Locator(".said"), "1");

        BrowserContextCookiesResult cookie = Assert.Single(await page.Context.CookiesAsync());
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Strict, cookie.SameSite);

        await page.ReloadAsync();
        ILocator frame = page.Locator(Frames).First;
        await frame.Locator("button.open").ClickAsync();
        await TypeAsync(frame.GetByRole(AriaRole.Textbox), "len(shop)");
        await HasTextAsync(frame.Locator(".said"), "4");
        Assert.Empty(Problems);
    }

    [Fact]
    public async Task Console_AfterTheProcessEnded_SaysSo()
    {
        DarterServer server = await StartAsync(Options("wsgi"));
        IPage page = await OpenAsync(server, "/chained");
        ILocator frame = page.Locator(Frames).First;
        ILocator field = await UnlockAsync(page, frame);
        await TypeAsync(field, "import os; os._exit(1)");
        await HasCountAsync(frame.Locator(".wrong"), 1);

        await TypeAsync(field, "1");
        await HasTextAsync(frame.Locator(".wrong").Nth(1), "This page is of a process that has ended. Reload it.");
    }
}
