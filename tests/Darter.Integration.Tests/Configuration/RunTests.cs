using System.Text.RegularExpressions;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Configuration;

/// <summary><c>darter run</c> with settings from elsewhere than the command line.</summary>
public sealed class RunTests(ServerPool pool) : ServerTest(pool)
{
    private const string Shop = """
        import os
        def app(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [os.environ.get("ANSWER", "hello").encode()]
        """;

    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task GunicornConf_InTheCurrentFolder_IsServedWith(string python)
    {
        string folder = await FolderAsync(
            ("shop.py", Shop),
            ("gunicorn.conf.py", "import os\nbind = ['127.0.0.1:0', '127.0.0.1:0']\nworkers = len('ab')\nwsgi_app = 'shop:app'\nworker_class = 'gthread'\nos.environ.setdefault('ANSWER', 'not the workers')\n"));
        DarterServer server = await StartBareAsync(folder, ["--python", PythonInterpreters.Get(python).Path], addresses: 2);
        Assert.Contains(server.Log.Lines(), line => line.EndsWith($"[INFO] Configuration: {folder}/gunicorn.conf.py", StringComparison.Ordinal));
        Assert.Single(server.Log.Lines(), line => line.Contains("[WARNING] gunicorn.conf.py:5: worker_class: 'gthread'", StringComparison.Ordinal));
        Assert.Equal(2, server.Log.Lines().Count(line => line.Contains("Booting worker", StringComparison.Ordinal)));
        using HttpClient client = new();
        foreach (ServerAddress address in server.Addresses)
        {
            Assert.Equal("hello", await client.GetStringAsync(new Uri($"http://127.0.0.1:{address.Port}/"), TestContext.Current.CancellationToken));
        }

        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task GunicornConf_ThatHangs_IsNamedAfterAWhileAndCanBeInterrupted()
    {
        string folder = await FolderAsync(("gunicorn.conf.py", "import threading\nprint('begun')\nthreading.Event().wait()\n"));
        DarterServer server = LaunchBare(folder, ["--python", PythonInterpreters.Default.Path]);
        await server.Log.WaitForAsync("begun");
        await server.Log.WaitForAsync("darter: gunicorn.conf.py has been running for 10 s");
        await server.Log.WaitForAsync(new Regex("gunicorn.conf.py\", line 3 in"));
        server.Send(Darter.Testing.Processes.Signal.Terminate);
        await server.WaitForExitAsync();
        await server.WaitForNoProcessAsync();
    }

    [Fact]
    public async Task Toml_WithATarget_IsServed()
    {
        string folder = await FolderAsync(("shop.py", Shop), ("darter.toml", "target = 'shop:app'\nbind = '127.0.0.1:0'\nworkers = 1\n"));
        DarterServer server = await StartBareAsync(folder, ["--python", PythonInterpreters.Default.Path], addresses: 1);
        using HttpClient client = new();
        Assert.Equal("hello", await client.GetStringAsync(new Uri($"http://127.0.0.1:{server.Address.Port}/"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Toml_WithSeveralApplications_IsServedAndReloaded()
    {
        const string Bind = "bind = '127.0.0.1:0'\nworkers = 1\n";
        const string Apps = "[apps.a]\ntarget = 'shop:app'\nenv = { ANSWER = 'a' }\n[apps.b]\ntarget = 'shop:app'\nenv = { ANSWER = 'b' }\n";
        const string Routes = "[[routes]]\npath = '/b/*'\napp = 'b'\n[[routes]]\npath = '/gone'\nresponse = 410\n[[routes]]\napp = 'a'\n";
        string folder = await FolderAsync(("shop.py", Shop), ("darter.toml", Bind + Apps + Routes));
        string control = Path.Combine(folder, "control");
        DarterServer server = await StartBareAsync(folder, ["--python", PythonInterpreters.Default.Path, "--control-socket", control], addresses: 1);
        Assert.Equal(("a", "b", 410), await AskAsync());

        // What is wrong changes nothing.
        await File.WriteAllTextAsync(Path.Combine(folder, "darter.toml"), $"{Bind}{Apps}{Routes.Replace("'b'", "'c'", StringComparison.Ordinal)}", TestContext.Current.CancellationToken);
        CommandResult wrong = await Command.RunAsync(RepositoryPaths.Executable, ["reload", "--control", control]);
        Assert.NotEqual(0, wrong.ExitCode);
        Assert.Contains("darter.toml:11: routes.app: there is no [apps.c]", wrong.Errors, StringComparison.Ordinal);
        Assert.Equal(("a", "b", 410), await AskAsync());

        await File.WriteAllTextAsync(
            Path.Combine(folder, "darter.toml"),
            $"{Bind}{Apps.Replace("'b' }", "'B' }", StringComparison.Ordinal)}{Routes.Replace("410", "404", StringComparison.Ordinal)}",
            TestContext.Current.CancellationToken);
        CommandResult right = await Command.RunAsync(RepositoryPaths.Executable, ["reload", "--control", control]);
        Assert.Equal(0, right.ExitCode);
        Assert.Equal(("a", "B", 404), await AskAsync());

        async Task<(string A, string B, int Status)> AskAsync()
        {
            using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{server.Address.Port}/") };
            using HttpResponseMessage fixedAnswer = await client.GetAsync(new Uri("/gone", UriKind.Relative), TestContext.Current.CancellationToken);
            return (
                await client.GetStringAsync(new Uri("/x", UriKind.Relative), TestContext.Current.CancellationToken),
                await client.GetStringAsync(new Uri("/b/x", UriKind.Relative), TestContext.Current.CancellationToken),
                (int)fixedAnswer.StatusCode);
        }
    }

    [Fact]
    public async Task Toml_WithRoutesAlone_IsServedWithoutPython()
    {
        string folder = await FolderAsync(("public.txt", "text"), ("darter.toml", "bind = '127.0.0.1:0'\n[[routes]]\npath = '/files/*'\nfiles = '.'\n[[routes]]\npath = '/x'\nresponse = { body = 'fixed' }\n"));
        DarterServer server = await StartBareAsync(folder, [], addresses: 1);
        Assert.Empty(server.Workers);
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{server.Address.Port}/") };
        Assert.Equal("text", await client.GetStringAsync(new Uri("/files/public.txt", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal("fixed", await client.GetStringAsync(new Uri("/x", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal(0, await server.StopAsync());
    }

    private async Task<string> FolderAsync(params (string Name, string Text)[] files)
    {
        string folder = TemporaryFolder();
        foreach ((string name, string text) in files)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), text, TestContext.Current.CancellationToken);
        }

        return folder;
    }

    private async Task<DarterServer> StartBareAsync(string folder, string[] arguments, int addresses)
    {
        DarterServer server = LaunchBare(folder, arguments);
        await server.Log.WaitForAsync("Ready:");
        await Wait.Until(() => server.Addresses.Count == addresses, () => server.Describe());
        return server;
    }

    /// <summary>Starts a server whose command line has nothing but <paramref name="arguments"/>.</summary>
    private DarterServer LaunchBare(string folder, string[] arguments) =>
        Launch(new DarterServerOptions { Target = null, Binds = [], Workers = null, NamePython = false, WorkingDirectory = folder, Arguments = arguments });
}
