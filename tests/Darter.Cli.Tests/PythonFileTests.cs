using Darter.Cli.Settings;
using Darter.Workers.Hooks;

namespace Darter.Cli.Tests;

/// <summary>gunicorn.conf.py, executed.</summary>
public class PythonFileTests
{
    [Theory]
    [InlineData("gunicorn.conf.py", null)]
    [InlineData("conf/settings.py", "conf/settings.py")]
    [InlineData("conf/settings.py", "file:conf/settings.py")]
    [InlineData("conf/settings.py", "python:conf.settings")]
    [InlineData("conf/settings", "conf/settings")]
    public async Task File_InEachForm_IsExecuted(string name, string? option)
    {
        using SettingsFixture fixture = new();
        fixture.Write("count.txt", "5");
        fixture.Write(
            name,
            """
            import multiprocessing, os, sys
            from pathlib import Path
            print("to stdout")
            os.system("echo from a process of its own")
            cores = multiprocessing.cpu_count()

            def count(name="count.txt"):
                with open(name) as file:
                    return int(file.read())

            workers = count()
            threads = len([os.environ["PATH"], __file__])
            bind = ["127.0.0.1:%d" % (8000 + workers)]
            keepalive = 7.5
            wsgi_app = "shop:app"
            loglevel = "WARNING"
            root_path = "/" + sys.executable.split("/")[0] + "shop"
            limit_concurrency = 12

            def post_fork(server, worker):
                pass

            when_ready = lambda server: None
            """);
        LoadedConfig loaded = await fixture.LoadAsync(option is null ? [] : ["-c", option]);
        Assert.Empty(loaded.Errors);
        Assert.Empty(loaded.Notices);
        Assert.Equal((5, 2, "shop:app", "/shop"), (loaded.Config!.Workers.Workers, loaded.Config.Workers.Threads, loaded.Config.Workers.Target, loaded.Config.Workers.RootPath));
        Assert.Equal(TimeSpan.FromSeconds(7.5), loaded.Config.Server.KeepAlive);
        Assert.Equal(12, loaded.Config.Server.LimitConcurrency);
        Assert.Equal("127.0.0.1:8005", Assert.Single(loaded.Config.Server.Binds).Text);
        Assert.Equal($"{option?.Replace("file:", "", StringComparison.Ordinal) ?? name}:11", loaded.Settings.Single(setting => setting.Name == "workers").Origin.ToString());

        HooksConfig file = loaded.Config.Workers.Hooks!;
        Assert.Equal(option?.StartsWith("python:", StringComparison.Ordinal) == true ? option : Path.Combine(fixture.Folder.FullName, name), file.Location);
        Assert.Equal(fixture.Folder.FullName, file.Folder);
        Assert.Equal(["post_fork", "when_ready"], file.Names.Order());
        Assert.Equal(5, file.Settings.GetProperty("workers").GetInt32());
        Assert.Equal(7.5, file.Settings.GetProperty("keepalive").GetDouble());
        Assert.Equal("shop:app", file.Settings.GetProperty("wsgi_app").GetString());
    }

    [Theory]
    [InlineData("\n1 / 0", "ZeroDivisionError: division by zero|line 2, in <module>")]
    [InlineData("import nowhere", "ModuleNotFoundError: No module named 'nowhere'|line 1")]
    [InlineData("def (", "SyntaxError|line 1")]
    [InlineData("raise SystemExit(3)", "it ends the program: SystemExit(3)|c.py:1")]
    [InlineData("import os\nos._exit(0)", "ended its interpreter")]
    [InlineData("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "ended its interpreter")]
    [InlineData("import os\nos.write(1, b'{}'); os._exit(0)", "ended its interpreter")]
    [InlineData("workers = object()", "c.py:1: workers: cannot be <object object at")]
    [InlineData("\nworkers = 'many'", "c.py:2: workers: must be a whole number, not 'many'")]
    [InlineData("keepalive = float('inf')", "c.py:1: keepalive: cannot be inf")]
    [InlineData("def post_fork(server): pass", "c.py:1: post_fork: must take 2 arguments, not (server)")]
    [InlineData("post_request = 5", "c.py:1: post_request: must be a function, not 5")]
    [InlineData("post_fork = 'nowhere.at_all'", "c.py:1: post_fork: there is no 'nowhere.at_all'")]
    [InlineData("darter_python = 'python3'", "c.py:1: darter_python: the interpreter that executes this file is the workers'")]
    [InlineData("darter_workes = 3", "c.py:1: workes: there is no such setting; did you mean workers?")]
    [InlineData("def ssl_context(config, factory): pass", "c.py:1: ssl_context: makes an object of Python's")]
    public async Task File_WithMistakes_IsReported(string text, string expected)
    {
        using SettingsFixture fixture = new();
        fixture.Write("c.py", text);
        LoadedConfig loaded = await fixture.LoadAsync("-c", "c.py");
        Assert.Null(loaded.Config);
        string error = Assert.Single(loaded.Errors);
        Assert.StartsWith("c.py", error, StringComparison.Ordinal);
        Assert.All(expected.Split('|'), part => Assert.Contains(part, error, StringComparison.Ordinal));
        Assert.DoesNotContain("gunicorn_config.py", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("def post_request(worker, req): pass")]
    [InlineData("def post_request(worker, req, environ, resp): pass")]
    [InlineData("def post_request(*arguments): pass")]
    [InlineData("class Hook:\n    def __call__(self, worker, req): pass\npost_request = Hook()")]
    [InlineData("import functools\npost_request = functools.partial(lambda a, b, c: None, 1)")]
    public async Task Hook_OfEachKind_IsFound(string text)
    {
        using SettingsFixture fixture = new();
        fixture.Write("c.py", text);
        LoadedConfig loaded = await fixture.LoadAsync("-c", "c.py");
        Assert.Empty(loaded.Errors);
        Assert.Equal(["post_request"], loaded.Config!.Workers.Hooks!.Names);
    }

    [Theory]
    [InlineData("workres = 4", 1)]
    [InlineData("log_level = 'debug'", 1)]
    [InlineData("log_level = 'debug'; loglevel = log_level", 0)]
    [InlineData("host = 4; cores = 4; _workers = 4; name = 'x'; worker_count = 3", 0)]
    public async Task OtherNames_OfAFile_AreMentionedIfTheyLookMistyped(string text, int notices)
    {
        using SettingsFixture fixture = new();
        fixture.Write("c.py", text);
        LoadedConfig loaded = await fixture.LoadAsync("-c", "c.py");
        Assert.Empty(loaded.Errors);
        Assert.Equal(notices, loaded.Notices.Count);
    }

    [Fact]
    public async Task OwnSettings_OfDarter_CountByNamesThatNobodyHasForAnotherReason()
    {
        using SettingsFixture fixture = new();
        fixture.Write("c.py", "interface = target = loop = 'x'; python = ['y']; config_path = 1\nlimit_concurrency = 5\ndarter_lifespan = 'off'\n");
        LoadedConfig loaded = await fixture.LoadAsync("-c", "c.py");
        Assert.Empty(loaded.Errors);
        Assert.Empty(loaded.Notices);
        Assert.Equal(
            ["limit_concurrency=5", "lifespan=off"],
            loaded.Settings.Where(setting => setting.Origin.Source == SettingSource.File).Select(setting => $"{setting.Name}={setting.Values[0]}"));
    }

    [Fact]
    public async Task Class_AsWorkerClass_CountsByItsName()
    {
        using SettingsFixture fixture = new();
        fixture.Write("uvicorn/workers.py", "class UvicornWorker: pass");
        fixture.Write("c.py", "from uvicorn.workers import UvicornWorker\nworker_class = UvicornWorker");
        LoadedConfig loaded = await fixture.LoadAsync("-c", "c.py");
        Assert.Empty(loaded.Errors);
        Assert.Equal("asgi", loaded.Config!.Workers.Interface);
    }

    [Fact]
    public async Task Process_ThatTheFileLeavesBehind_DoesNotDelayTheServer()
    {
        using SettingsFixture fixture = new();
        fixture.Write(
            "c.py",
            """
            import os
            read, write = os.pipe()
            child = os.fork()
            if child == 0:
                os.close(write)
                os.read(read, 1)
                os._exit(0)
            os.set_inheritable(write, True)
            with open("pid", "w") as file:
                file.write(str(child))
            """);
        Assert.Empty((await fixture.LoadAsync("-c", "c.py")).Errors);
    }

    [Fact]
    public async Task Load_Again_SeesTheChangedFile()
    {
        using SettingsFixture fixture = new();
        fixture.Write("gunicorn.conf.py", "workers = 2");
        RunConfigLoader loader = new(new LaunchContext(["app:x"], fixture.Environment, fixture.Folder.FullName));
        foreach (int workers in (int[])[2, 3])
        {
            fixture.Write("gunicorn.conf.py", $"workers = {workers}");
            LoadedConfig loaded = await loader.LoadAsync(_ => { }, TestContext.Current.CancellationToken);
            Assert.Equal(workers, loaded.Config!.Workers.Workers);
        }

        fixture.Write("gunicorn.conf.py", "workers = none");
        Assert.Null((await loader.LoadAsync(_ => { }, TestContext.Current.CancellationToken)).Config);
    }

    [Fact]
    public async Task Interpreter_OfTheFolderThatTheFileNames_ExecutesIt()
    {
        using SettingsFixture fixture = new();
        fixture.Environment.Remove("DARTER_PYTHON");
        fixture.Write("app/.venv/bin/python", "#!/bin/sh\nDARTER_TEST_SHIM=1 exec python3 \"$@\"\n");
        File.SetUnixFileMode(Path.Combine(fixture.Folder.FullName, "app/.venv/bin/python"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        fixture.Write("gunicorn.conf.py", "import os\nchdir = 'app'\nthreads = 3 if 'DARTER_TEST_SHIM' in os.environ else 1");
        LoadedConfig loaded = await fixture.LoadAsync();
        Assert.Empty(loaded.Errors);
        Assert.Equal(Path.Combine(fixture.Folder.FullName, "app/.venv/bin/python"), loaded.Config!.Workers.Python);
        Assert.Equal(3, loaded.Config.Workers.Threads);
    }
}
