using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Service;

/// <summary>The wheel on every interpreter, used as its users do.</summary>
public class InstallTests(ServerPool pool) : ServiceTest(pool)
{
    private const string Script =
        """
        import sys
        import darter
        from app import application

        other = application

        if __name__ == "__main__":
            try:
                darter.run(TARGET, workers=2, bind=["127.0.0.1:0"], env={"STAGE": "test"}, initgroups=False)
            except SystemExit as error:
                print("failed with", error.code, flush=True)
                raise
            print("returned", flush=True)
        """;

    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Wheel_InAFreshEnvironment_ServesInEveryWay(string python)
    {
        string project = Project();
        string programs = await InstalledPackage.InstallAsync(PythonInterpreters.Get(python), Path.Combine(TemporaryFolder(), "env"));
        string environment = Path.GetDirectoryName(programs)!;

        DarterServer command = await StartAsync(FromProject(project) with { Program = Path.Combine(programs, "darter") });
        await AssertServesAsync(command, environment, "it runs darter");

        // The script has become the server: signals reach it, and its process id is the one that was started.
        Assert.Equal(command.Pid, (await AskAsync(command.Address)).GetProperty("front").GetInt32());
        Assert.Equal(0, await command.StopAsync());

        DarterServer module = await StartAsync(FromProject(project) with { Program = Path.Combine(programs, "python"), ProgramArguments = ["-m", "darter"] });
        await AssertServesAsync(module, environment, "it runs darter");
        Assert.Equal(module.Pid, (await AskAsync(module.Address)).GetProperty("front").GetInt32());
        Assert.Equal(0, await module.StopAsync());

        DarterServer run = await RunScriptAsync(Path.Combine(programs, "python"), project, "\"app:application\"");
        await AssertServesAsync(run, environment, "it runs darter");
        Assert.Equal(0, await run.StopAsync());
        Assert.Equal("returned", run.Output.Text);
    }

    [Fact]
    public async Task Command_InAnEnvironment_ComesBeforeTheActiveOneAndAfterAnOption()
    {
        string project = Project();
        string programs = await InstalledPackage.InstallAsync(PythonInterpreters.Default, Path.Combine(TemporaryFolder(), "env"));
        string active = Path.Combine(TemporaryFolder(), "active");
        Assert.Equal(0, (await Command.RunAsync(PythonInterpreters.Default.Path, ["-m", "venv", "--without-pip", active])).ExitCode);
        DarterServerOptions options = FromProject(project) with
        {
            Program = Path.Combine(programs, "darter"),
            Environment = new Dictionary<string, string?> { ["VIRTUAL_ENV"] = active },
        };
        await AssertServesAsync(await StartAsync(options), Path.GetDirectoryName(programs)!, "it runs darter");
        await AssertServesAsync(await StartAsync(options with { Arguments = ["--python", Path.Combine(active, "bin", "python")] }), active, "--python");
    }

    [Fact]
    public async Task Worker_OfAnotherEnvironment_SeesNothingOfTheOneWithDarter()
    {
        string project = Project();
        string programs = await InstalledPackage.InstallAsync(PythonInterpreters.Default, Path.Combine(TemporaryFolder(), "env"));
        DarterServer server = await StartAsync(FromProject(project) with
        {
            Program = Path.Combine(programs, "darter"),
            Arguments = ["--python", PythonInterpreters.Default.Path],
        });
        IEnumerable<string?> path = (await AskAsync(server.Address)).GetProperty("path").EnumerateArray().Select(entry => entry.GetString());
        Assert.DoesNotContain(path, entry => entry!.StartsWith(Path.GetDirectoryName(programs)!, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("application")]
    [InlineData("other")]
    public async Task Run_WithAnObjectOfTheModule_FindsItsName(string target)
    {
        DarterServer server = await RunScriptAsync(PythonInterpreters.Default.Path, Project(), target);
        Assert.Equal("test", (await AskAsync(server.Address)).GetProperty("environment").GetProperty("STAGE").GetString());
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal("returned", server.Output.Text);
    }

    [Theory]
    [InlineData("lambda environ, start_response: []", "as \"module:attr\"")]
    [InlineData("object()", "as \"module:attr\"")]
    [InlineData("\"no_such_module\"", "failed with 3")]
    [InlineData("\"app\", no_such_option=1", "failed with 1")]
    public async Task Run_ThatCannotServe_SaysWhy(string target, string expected)
    {
        DarterServer server = LaunchScript(PythonInterpreters.Default.Path, Project(), target);
        Assert.NotEqual(0, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        Assert.Contains(expected, server.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_InAModuleThatAWorkerImports_IsRefused()
    {
        string project = Project();
        await File.WriteAllTextAsync(
            Path.Combine(project, "unguarded.py"), "import darter\nfrom app import application\ndarter.run('unguarded:application', bind='127.0.0.1:0')\n", Cancellation);
        DarterServer server = LaunchScript(PythonInterpreters.Default.Path, project, null, "unguarded.py");
        Assert.Equal(3, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        Assert.Contains("put the call under if __name__ == '__main__'", server.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Signal.Interrupt)]
    [InlineData(Signal.Terminate)]
    public async Task Run_ThatGetsASignal_PassesItOnAndReturns(Signal signal)
    {
        DarterServer server = await RunScriptAsync(PythonInterpreters.Default.Path, Project(), "\"app:application\"");
        server.Send(signal);
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Equal("returned", server.Output.Text);
        await server.WaitForNoProcessAsync();
    }

    [Fact]
    public async Task Run_WhoseProcessIsKilled_EndsTheServer()
    {
        DarterServer server = await RunScriptAsync(PythonInterpreters.Default.Path, Project(), "\"app:application\"");
        server.Send(Signal.Kill);
        await server.WaitForNoProcessAsync();
    }

    [Fact]
    public async Task Run_AskedForAnUpgrade_RefusesIt()
    {
        DarterServer server = await RunScriptAsync(PythonInterpreters.Default.Path, Project(), "\"app:application\"");
        server.Send(Signal.User2);
        await server.Log.WaitForAsync("goes on serving: darter.run() waits for this process");
        await AskAsync(server.Address);
        Assert.Equal(0, await server.StopAsync());
    }

    private static async Task AssertServesAsync(DarterServer server, string environment, string reason)
    {
        JsonElement worker = await AskAsync(server.Address);
        Assert.Equal(environment, worker.GetProperty("prefix").GetString());
        Assert.Contains($"({reason})", await server.Log.WaitForAsync("Starting darter"), StringComparison.Ordinal);
    }

    private static DarterServerOptions FromProject(string project) =>
        new() { Target = "app:application", NamePython = false, WorkingDirectory = project, Environment = WithoutPath };

    // What the tests' applications import is not for these.
    private static Dictionary<string, string?> WithoutPath => new() { ["PYTHONPATH"] = null };

    private string Project()
    {
        string folder = TemporaryFolder();
        File.Copy(App("whoami"), Path.Combine(folder, "app.py"));
        return folder;
    }

    /// <summary>A program that calls darter.run(): not a server itself, so that its command line is all its own.</summary>
    private async Task<DarterServer> RunScriptAsync(string python, string project, string target)
    {
        DarterServer server = LaunchScript(python, project, target);
        await server.Log.WaitForAsync("Ready:");
        return server;
    }

    private DarterServer LaunchScript(string python, string project, string? target, string name = "serve.py")
    {
        if (target is not null)
        {
            File.WriteAllText(Path.Combine(project, name), Script.Replace("TARGET", target, StringComparison.Ordinal));
        }

        // The interpreter of an environment has the package installed; another one finds that of the checkout.
        bool isInstalled = File.Exists(Path.Combine(Path.GetDirectoryName(python)!, "darter"));
        return Launch(new DarterServerOptions
        {
            Target = null,
            Program = python,
            ProgramArguments = [Path.Combine(project, name)],
            NoOptions = true,
            Environment = new Dictionary<string, string?> { ["PYTHONPATH"] = isInstalled ? null : Path.Combine(RepositoryPaths.Root, "python") },
        });
    }
}
