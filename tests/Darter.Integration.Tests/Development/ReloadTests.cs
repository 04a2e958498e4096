namespace Darter.Integration.Tests.Development;

/// <summary>What a change of a source does.</summary>
public class ReloadTests(ServerPool pool) : DevelopmentTest(pool)
{
    [Theory]
    [MemberData(nameof(Interfaces))]
    public async Task Change_IsAnsweredByTheNewCode(string application)
    {
        DarterServer server = await StartProjectAsync(application);
        Assert.Equal("one", await AskAsync(server));
        foreach ((string before, string after) in new[] { ("one", "two"), ("two", "three") })
        {
            SaveAnswer(after);
            await WaitForAnswerAsync(server, before, after);
        }

        await server.Log.WaitForAsync("reloaded in ");
        Assert.Single(server.Workers);
    }

    [Theory]
    [MemberData(nameof(Interfaces))]
    public async Task Requests_ThatComeWhileItLoads_WaitForTheNewCode(string application)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartProjectAsync(application);
        Save("answer.py", $"import socket\nwith socket.create_connection(('127.0.0.1', {gate.Port})) as s:\n    s.sendall(b'loading\\n')\n    s.recv(1)\nTEXT = 'two'\n");
        Gate.Arrival arrival = await gate.ReachedAsync("loading");

        Task<string> waiting = AskAsync(server);
        Task<string> other = AskAsync(server);
        Assert.False(waiting.IsCompleted);
        arrival.Release();

        Assert.Equal("two", await Wait.For(waiting, "the answer"));
        Assert.Equal("two", await Wait.For(other, "the answer"));
    }

    [Fact]
    public async Task EventStream_DoesNotBlockIt()
    {
        DarterServer server = await StartProjectAsync("asgi");
        await using RawConnection stream = await RawConnection.OpenAsync(server.Address);
        await stream.WriteAsync("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await stream.ReadHeadAsync();
        await stream.ReadChunkAsync();

        SaveAnswer("two");

        await WaitForAnswerAsync(server, "one", "two");

        // It is broken off: the browser asks again, and the new code answers.
        await Wait.For(stream.ReadToEndAsync(), "the end of the stream");
    }

    [Fact]
    public async Task Sources_OfEveryKind_Count()
    {
        DarterServer server = await StartProjectAsync("wsgi", "--reload-include", "*.yaml");
        Save("answer.py", "import os, pathlib\nhere = pathlib.Path(__file__).parent\n"
            + "TEXT = '|'.join(p.read_text() for p in sorted(here.rglob('*')) if p.name in ('.env', 'page.html', 'words.yaml'))\n");
        await WaitForAnswerAsync(server, "one", "");
        Save("templates/page.html", "page");
        await WaitForAnswerAsync(server, "", "page");
        Save("conf/words.yaml", "words");
        await WaitForAnswerAsync(server, "page", "words|page");
        File.Delete(Path.Combine(Folder, "conf/words.yaml"));
        await WaitForAnswerAsync(server, "words|page", "page");
    }

    [Fact]
    public async Task Module_ElsewhereThatIsImported_Counts()
    {
        string elsewhere = TemporaryFolder();
        string module = Path.Combine(elsewhere, "library.py");
        File.WriteAllText(module, "WORD = 'one'\n");
        Save("app.py", "def app(environ, start_response):\n    import library\n    start_response('200 OK', [])\n    return [library.WORD.encode()]\n");
        DarterServer server = await StartDevAsync("--pythonpath", elsewhere);
        Assert.Equal("one", await AskAsync(server));

        // It was imported by the request just now; that it is watched is not told.
        string answer = "one";
        await Wait.Until(
            async () =>
            {
                File.WriteAllText(module, "WORD = 'two'\n");
                return (answer = await AskAsync(server)) == "two";
            },
            () => $"the new module; the answer is {answer}");
    }

    [Fact]
    public async Task Excluded_AndUnrelatedFiles_DoNotCount()
    {
        DarterServer server = await StartProjectAsync("wsgi", "--reload-exclude", "test_*.py");
        int worker = Assert.Single(server.Workers);
        Save("test_app.py", "");
        Save("data.json", "{}");
        Save(".git/hooks/x.py", "");
        Save("static/site.css", "");
        SaveAnswer("two");
        await WaitForAnswerAsync(server, "one", "two");
        await server.Log.WaitForAsync("reloaded in ");
        Assert.Matches(@"reloaded in [0-9.]+ s: answer\.py$", server.Log.Lines().Single(line => line.Contains("reloaded in", StringComparison.Ordinal)));
        Assert.NotEqual(worker, Assert.Single(server.Workers));
    }

    [Fact]
    public async Task NoReload_ChangesNothing()
    {
        DarterServer server = await StartProjectAsync("wsgi", "--no-reload");
        SaveAnswer("two");
        Assert.Equal("one", await AskAsync(server));
        Assert.Equal("one", await AskAsync(server));
    }

    [Fact]
    public async Task ProcessThatEndsWhileItLoads_IsToldAndTheNextSaveRecovers()
    {
        DarterServer server = await StartProjectAsync("wsgi");
        Save("answer.py", "import os\nos._exit(7)\n");
        await server.Log.WaitForAsync("not reloaded:");
        Assert.StartsWith("503 ", await AskAsync(server), StringComparison.Ordinal);
        Assert.Contains(server.Log.Lines(), line => line.Contains("exit status 7", StringComparison.Ordinal) || line.Contains("status 7", StringComparison.Ordinal));
        SaveAnswer("two");
        await Wait.Until(async () => await AskAsync(server) == "two", () => $"the new answer:\n{server.Describe()}");
    }

    [Fact]
    public async Task ThousandsOfFiles_AreOneChange()
    {
        DarterServer server = await StartProjectAsync("wsgi");
        string elsewhere = TemporaryFolder();
        for (int i = 0; i < 3000; i++)
        {
            string folder = Path.Combine(elsewhere, $"package/p{i % 50}");
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, $"m{i}.py"), "");
        }

        Directory.Move(Path.Combine(elsewhere, "package"), Path.Combine(Folder, "package"));
        await server.Log.WaitForAsync("and 2997 more");
        SaveAnswer("two");
        await WaitForAnswerAsync(server, "one", "two");
    }
}
