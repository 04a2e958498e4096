using System.Text.RegularExpressions;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Targets;

/// <summary>An application that cannot be loaded ends the server: status 3, the reason once, nothing left running.</summary>
public class FailingTargetTests(ServerPool pool) : ServerTest(pool)
{
    private const string How = "Name the application as module:attribute";

    private const string Application =
        """
        def application(environ, start_response):
            start_response("200 OK", [])
            return []

        """;

    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Theory]
    [InlineData("missing:app", "", "There is no module 'missing'. Looked for in", How)]
    [InlineData("missing.py", "", "There is no file missing.py in ", How)]
    [InlineData("./missing/shop.py", "", "/missing/shop.py.", How)]
    [InlineData("/missing/folder", "", "'/missing/folder' is not the name of a module, nor a file or folder", How)]
    [InlineData("shop.missing:app", "", "There is no module 'shop.missing'. Looked for in", How)]
    [InlineData("not-a-module", "", "'not-a-module' is not the name of a module, nor a file or folder", How)]
    [InlineData("", "", "'' is not the name of a module", How)]
    [InlineData("empty", "", "/empty has no manage.py and none of app.py, wsgi.py, main.py, asgi.py, __init__.py.", How)]
    [InlineData("shop", "import nothing_like_this", "shop.py\", line 1, in <module>", "ModuleNotFoundError: No module named 'nothing_like_this'")]
    [InlineData("shop", "import shop.other", "shop.py\", line 1, in <module>", "ModuleNotFoundError: No module named 'shop.other'")]
    [InlineData("shop.py", "import shop", "The module 'shop' (", "has none of application, app, create_app(), make_app().", How)]
    [InlineData("shop", "raise ValueError('the reason')", "shop.py\", line 1, in <module>", "ValueError: the reason")]
    [InlineData("shop.py", "def application(e, s):\n    return [", "shop.py\", line 2", "SyntaxError: ")]
    [InlineData("shop:aplication", Application, "The module 'shop' has no attribute 'aplication'. Did you mean application?", How)]
    [InlineData("shop.py:unlike", Application, "The module 'shop' has no attribute 'unlike'.", How)]
    [InlineData("shop:application.more", Application, "has no attribute 'more'.", How)]
    [InlineData("shop:application[0]", Application, "'application[0]' is not the name of an attribute, nor a call of a factory.", How)]
    [InlineData("shop:", Application, "'' is not the name of an attribute, nor a call of a factory.", How)]
    [InlineData("shop", "application = 5", "shop:application is not callable: it is of type int.", How)]
    [InlineData("shop:number", "number = 5", "shop:number is not callable: it is of type int.", How)]
    [InlineData("shop:number()", "number = 5", "shop:number() cannot be called: it is of type int.", How)]
    [InlineData("shop:make(name)", "def make(name): pass", "The arguments in 'make(name)' must be literals.", How)]
    [InlineData("shop:make()", "def make(): return None", "shop:make() is not callable: it is of type NoneType.", How)]
    [InlineData("shop:make", "def make(): return None", "shop:make takes no arguments, so it looks like a factory: name it shop:make().", How)]
    [InlineData("shop:make()", "def make():\n    raise ValueError('the reason')", "shop.py\", line 2, in make", "ValueError: the reason")]
    [InlineData("shop:make(1, b=2)", "def make(): pass", "TypeError: make() ")]
    [InlineData("shop", "def create_app():\n    raise ValueError('the reason')", "shop.py\", line 2, in create_app", "ValueError: the reason")]
    [InlineData("shop", "import sys; sys.exit('the reason')", "shop.py\", line 1, in <module>", "SystemExit: the reason")]
    [InlineData("shop", "raise KeyboardInterrupt('the reason')", "shop.py\", line 1, in <module>", "KeyboardInterrupt: the reason")]
    [InlineData("shop", "import os; os._exit(7)", "The worker ended before the application was loaded (exit status 7).")]
    [InlineData("shop", "import os; os._exit(0)", "The worker ended before the application was loaded (exit status 0).")]
    [InlineData("shop", "import ctypes; ctypes.string_at(0)", "The worker ended before the application was loaded (killed by SIGSEGV")]
    [InlineData("shop", "import os; os.kill(os.getpid(), 9)", "The worker ended before the application was loaded (killed by SIGKILL")]
    [InlineData("shop", "import hostile; hostile.write(b'\\xff' * 100)", "The worker sent an invalid frame (")]
    [InlineData("shop", "import threading\nthreading.Thread(target=threading.Event().wait).start()\nraise ValueError('the reason')", "ValueError: the reason")]
    public async Task Target_ThatDoesNotLoad_EndsWithStatus3AndSaysWhyOnce(string target, string source, params string[] reasons)
    {
        await AssertRefusedAsync(target, source, reasons, PythonInterpreters.Default);
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Target_ThatDoesNotLoadOnEachInterpreter_EndsWithStatus3AndSaysWhyOnce(string python)
    {
        await AssertRefusedAsync("shop:make()", "def make():\n    raise ValueError('the reason')", ["in make", "ValueError: the reason"], PythonInterpreters.Get(python));
    }

    [Fact]
    public async Task Target_ThatLoadsInOneWorkerOnly_EndsWithStatus3()
    {
        // The first to make the folder fails; the others would load for ever.
        string folder = TemporaryFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder, "shop.py"),
            """
            import os, threading
            try:
                os.mkdir("lock")
            except FileExistsError:
                threading.Event().wait()
            raise ValueError("the reason")
            """,
            TestContext.Current.CancellationToken);
        DarterServer server = Launch(new DarterServerOptions { Target = "shop", WorkingDirectory = folder, Workers = 3 });
        Assert.Equal(3, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        Assert.Single(Regex.Matches(server.Log.Text, "ValueError: the reason"));
    }

    [Theory]
    [InlineData(Signal.Terminate)]
    [InlineData(Signal.Interrupt)]
    public async Task Target_ThatLoadsForEver_CanBeStopped(Signal signal)
    {
        Gate gate = OpenGate();
        string folder = TemporaryFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder, "shop.py"), $"import gate\ngate.wait({gate.Port}, 'importing')", TestContext.Current.CancellationToken);
        DarterServer server = Launch(new DarterServerOptions { Target = "shop", WorkingDirectory = folder });
        await gate.ReachedAsync("importing");
        server.Send(signal);
        Assert.Equal(0, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
    }

    private async Task AssertRefusedAsync(string target, string source, IReadOnlyList<string> reasons, PythonInterpreter python)
    {
        string folder = TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder, "empty"));
        await File.WriteAllTextAsync(Path.Combine(folder, "shop.py"), source, TestContext.Current.CancellationToken);
        DarterServer server = Launch(new DarterServerOptions { Target = target, WorkingDirectory = folder, Workers = 2, Python = python });

        Assert.Equal(3, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        string log = server.Log.Text;
        Assert.Single(Regex.Matches(log, Regex.Escape($"The application '{target}' did not load.")));
        foreach (string reason in reasons)
        {
            Assert.Single(Regex.Matches(log, Regex.Escape(reason)));
        }

        Assert.Equal(reasons.Contains(How) ? 1 : 0, Regex.Count(log, How));
        Assert.True(Regex.Count(log, "Traceback") <= 1, log);
        Assert.DoesNotContain("Ready:", log, StringComparison.Ordinal);
        Assert.DoesNotContain("darter/_worker.py", log, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }
}
