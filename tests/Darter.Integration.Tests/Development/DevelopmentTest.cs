namespace Darter.Integration.Tests.Development;

/// <summary>Base of tests of <c>darter dev</c>: a project in a folder of its own, which the test edits.</summary>
public abstract class DevelopmentTest(ServerPool pool) : ServerTest(pool)
{
    private const string Wsgi = """
        import answer

        def app(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/html")])
            return [answer.TEXT.encode()]
        """;

    private const string Asgi = """
        import asyncio
        import answer

        async def app(scope, receive, send):
            if scope["type"] != "http":
                return
            stream = scope["path"] == "/stream"
            kind = b"text/event-stream" if stream else b"text/html"
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
            if stream:
                await send({"type": "http.response.body", "body": b"data: " + answer.TEXT.encode() + b"\n\n", "more_body": True})
                while (await receive())["type"] != "http.disconnect":
                    pass
                return
            await send({"type": "http.response.body", "body": answer.TEXT.encode()})
        """;

    private string? _folder;

    /// <summary>The interfaces.</summary>
    public static TheoryData<string> Interfaces => ["wsgi", "asgi"];

    /// <summary>The project's folder.</summary>
    protected string Folder => _folder ??= TemporaryFolder();

    /// <summary>Writes a file of the project as an editor does: whole, in the place of the old one.</summary>
    protected void Save(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path + "~", text);
        File.Move(path + "~", path, overwrite: true);
    }

    /// <summary>Changes what the application answers.</summary>
    protected void SaveAnswer(string text) => Save("answer.py", $"TEXT = '{text}'\n");

    /// <summary>Makes the project and starts its server.</summary>
    protected async Task<DarterServer> StartProjectAsync(string application, params string[] arguments)
    {
        Save("app.py", application == "asgi" ? Asgi : Wsgi);
        SaveAnswer("one");
        return await StartDevAsync(arguments);
    }

    /// <summary>Starts a server for what is in the folder.</summary>
    protected Task<DarterServer> StartDevAsync(params string[] arguments) => StartAsync(Options(arguments));

    /// <summary>How it is started.</summary>
    protected DarterServerOptions Options(params string[] arguments) => new()
    {
        CommandName = "dev",
        Target = null,
        Workers = null,
        WorkingDirectory = Folder,
        Arguments = ["--log-level", "info", .. arguments],
    };

    /// <summary>What the application answers.</summary>
    protected static async Task<string> AskAsync(DarterServer server, string target = "/", string fields = "") =>
        (await RawConnection.ExchangeAsync(server.Address, $"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{fields}\r\n")).Text;

    /// <summary>Waits until the application answers something else. Whatever comes meanwhile must be an answer of before.</summary>
    protected static async Task WaitForAnswerAsync(DarterServer server, string before, string after)
    {
        string answer = before;
        await Wait.Until(
            async () =>
            {
                answer = await AskAsync(server);
                Assert.Contains(answer, new[] { before, after });
                return answer == after;
            },
            () => $"the answer {after}; it is {answer}:\n{server.Describe()}");
    }
}
