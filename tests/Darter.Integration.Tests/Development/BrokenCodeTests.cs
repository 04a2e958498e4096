namespace Darter.Integration.Tests.Development;

/// <summary>Code that does not load is shown in the browser and in the terminal, and the next save recovers.</summary>
public class BrokenCodeTests(ServerPool pool) : DevelopmentTest(pool)
{
    /// <summary>Interfaces and what is wrong, with what is to be seen of it.</summary>
    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "wsgi", "TEXT = (\n", "SyntaxError" },
        { "asgi", "TEXT = (\n", "SyntaxError" },
        { "wsgi", "import does_not_exist\n", "No module named 'does_not_exist'" },
        { "asgi", "raise ValueError('so wrong')\n", "so wrong" },
        { "wsgi", "raise SystemExit('enough')\n", "enough" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Mistake_IsShownUntilTheNextSave(string application, string code, string shown)
    {
        DarterServer server = await StartProjectAsync(application);
        Save("answer.py", code);
        await server.Log.WaitForAsync("not reloaded: answer.py");
        Assert.Contains(shown, server.Log.Text, StringComparison.Ordinal);

        RawResponse page = await AskForPageAsync(server);
        Assert.Equal(500, page.Status);
        Assert.StartsWith("text/html", page["Content-Type"], StringComparison.Ordinal);
        Assert.Contains("/__darter__/live.js", page.Text, StringComparison.Ordinal);
        Assert.Contains(System.Net.WebUtility.HtmlEncode(shown).Replace("&#39;", "&#x27;", StringComparison.Ordinal), page.Text, StringComparison.Ordinal);
        Assert.Contains(shown, await AskAsync(server), StringComparison.Ordinal);

        SaveAnswer("two");
        await Wait.Until(async () => await AskAsync(server) == "two", () => $"the new answer:\n{server.Describe()}");
        await server.Log.WaitForAsync("reloaded in ");
    }

    [Fact]
    public async Task Start_WithAMistake_ServesItAndTheNextSaveRecovers()
    {
        Save("app.py", "def app(:\n");
        DarterServer server = await StartDevAsync();
        Assert.Equal(500, (await AskForPageAsync(server)).Status);
        Save("app.py", "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'well']\n");
        await Wait.Until(async () => await AskAsync(server) == "well", () => $"the new answer:\n{server.Describe()}");
    }

    [Fact]
    public async Task Start_InAnEmptyFolder_SaysWhatItLookedForAndTheFirstFileRecovers()
    {
        DarterServer server = await StartDevAsync();
        Assert.Contains("app.py", await AskAsync(server), StringComparison.Ordinal);
        Save("app.py", "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'well']\n");
        await Wait.Until(async () => await AskAsync(server) == "well", () => $"the new answer:\n{server.Describe()}");
    }

    [Fact]
    public async Task Exception_OfARequest_IsShownByTheDebuggerWithAConsole()
    {
        Save("app.py", "def app(environ, start_response):\n    number = 0\n    return 1 / number\n");
        DarterServer server = await StartDevAsync();
        RawResponse page = await AskForPageAsync(server);
        Assert.Equal(500, page.Status);
        Assert.Contains("ZeroDivisionError", page.Text, StringComparison.Ordinal);
        Assert.Contains("__darter__/debugger", page.Text, StringComparison.Ordinal);
        await server.Log.WaitForAsync("ZeroDivisionError");
    }

    [Fact]
    public async Task NoDebugger_AnswersAsInProduction()
    {
        Save("app.py", "def app(environ, start_response):\n    return 1 / 0\n");
        DarterServer server = await StartDevAsync("--no-debugger");
        Assert.Equal("Internal Server Error\n", (await AskForPageAsync(server)).Text);
        Assert.DoesNotContain(server.Log.Lines(), line => line.Contains("debugger PIN", StringComparison.Ordinal));
    }

    private static Task<RawResponse> AskForPageAsync(DarterServer server) =>
        RawConnection.ExchangeAsync(server.Address, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: text/html\r\n\r\n");
}
