using System.Net;

namespace Darter.Integration.Tests.Development;

/// <summary><c>darter dev</c> that is told no application, and <c>darter.run()</c> with <c>reload=True</c>.</summary>
public class DiscoveryTests(ServerPool pool) : ProjectTest(pool)
{
    [Fact]
    public async Task Dev_WithAFlaskEnvironmentFile_ServesTheFactorysApplicationInDebugMode()
    {
        string project = TemporaryFolder();
        Write(project, ".flaskenv", "FLASK_APP=\"shop:create_app('${STAGE}')\"\n");
        Write(project, ".env", "export STAGE='testing' # a comment\n");
        Write(project, "shop.py", """
            from flask import Flask

            def create_app(stage):
                app = Flask(__name__)

                @app.route("/")
                def index():
                    return "{} {} {}".format(stage, app.debug, app.jinja_env.auto_reload), 200, {"Content-Type": "text/plain"}

                return app
            """);
        DarterServer server = LaunchDev(Require.SystemPython("flask"), project, new Dictionary<string, string?>());
        Assert.Equal((HttpStatusCode.OK, "testing True True"), await GetAsync(await AddressAsync(server), "/"));
    }

    [Fact]
    public async Task Dev_InAFolderWithAPackage_ServesItsFastApiApplication()
    {
        string project = TemporaryFolder();
        Write(project, "src/shop/__init__.py", "");
        Write(project, "src/shop/main.py", "from fastapi import FastAPI\nservice = FastAPI()\n\n@service.get('/')\nasync def index():\n    return __name__\n");
        DarterServer server = LaunchDev(Require.SystemPython("fastapi"), project, new Dictionary<string, string?>());
        Assert.Equal((HttpStatusCode.OK, "\"shop.main\""), await GetAsync(await AddressAsync(server), "/"));
    }

    [Fact]
    public async Task Dev_InAFolderWithoutAnApplication_SaysWhatItLookedFor()
    {
        string project = TemporaryFolder();
        Write(project, "app.py", "value = 1\n");
        DarterServer server = LaunchDev(PythonInterpreters.Default, project, new Dictionary<string, string?>());
        await server.Log.WaitForAsync($"There is no application in {project}. Looked for");
        await server.Log.WaitForAsync("app.py: has none of application, app, create_app(), make_app()");
        await server.Log.WaitForAsync("Name the application as module:attribute");
    }

    [Fact]
    public async Task Dev_WhenAnEnvironmentFileAboveTheFolderChanges_LoadsItAnew()
    {
        string outer = TemporaryFolder();
        string project = Path.Combine(outer, "shop");
        Write(outer, ".env", "WORD=first\n");
        Write(project, "app.py", Application("first").Replace("b'first'", "os.environ['WORD'].encode()", StringComparison.Ordinal).Insert(0, "import os\n"));
        DarterServer server = LaunchDev(PythonInterpreters.Default, project, new Dictionary<string, string?>());
        ServerAddress address = await AddressAsync(server);
        Assert.Equal((HttpStatusCode.OK, "first"), await GetAsync(address, "/"));

        // Again and again: the front may be told of the file a moment after the first answer.
        await Wait.Until(
            async () =>
            {
                Write(outer, ".env", "WORD=second\n");
                return await GetAsync(address, "/") == (HttpStatusCode.OK, "second");
            },
            () => $"the application to be loaded anew:\n{server.Describe()}");
    }

    [Fact]
    public async Task Run_FromAScriptWithReload_LoadsItAnewWhenItChanges()
    {
        string project = TemporaryFolder();
        const string Start = "\nif __name__ == '__main__':\n    import darter\n    darter.run(app, reload=True, debugger=False, live_reload=False, bind='127.0.0.1:0')\n";
        Write(project, "serve.py", Application("first") + Start);
        DarterServer server = LaunchProgram(PythonInterpreters.Default, project, "serve.py");
        ServerAddress address = await AddressAsync(server);
        Assert.Equal((HttpStatusCode.OK, "first"), await GetAsync(address, "/"));
        int mark = server.Log.Count;
        Write(project, "serve.py", Application("second") + Start);
        await server.Log.WaitForAsync("reloaded in ", mark);
        Assert.Equal((HttpStatusCode.OK, "second"), await GetAsync(address, "/"));
        server.Send(Darter.Testing.Processes.Signal.Interrupt);
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    private static string Application(string answer) =>
        $"def app(environ, start_response):\n    start_response('200 OK', [('Content-Type', 'text/plain')])\n    return [b'{answer}']\n";
}
