using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Targets;

/// <summary>Which interpreter runs the application.</summary>
public class InterpreterTests(ServerPool pool) : ServerTest(pool)
{
    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task VirtualEnvironment_OfEachInterpreter_HasItsPackages(string python)
    {
        string project = await ProjectAsync();
        string environment = await CreateEnvironmentAsync(Path.Combine(project, "env"), PythonInterpreters.Get(python));
        DarterServer server = await StartAsync(Options(project) with { Arguments = ["--python", Path.Combine(environment, "bin", "python")] });
        await AssertRunsInAsync(server, environment);
    }

    [Theory]
    [InlineData(".venv")]
    [InlineData("venv")]
    public async Task VirtualEnvironment_InTheCurrentFolder_IsUsed(string name)
    {
        string project = await ProjectAsync();
        string environment = await CreateEnvironmentAsync(Path.Combine(project, name));
        await AssertRunsInAsync(await StartAsync(Options(project)), environment);
    }

    [Fact]
    public async Task VirtualEnvironment_InTheFolderOfChdir_IsUsed()
    {
        string project = await ProjectAsync();
        string environment = await CreateEnvironmentAsync(Path.Combine(project, ".venv"));
        await AssertRunsInAsync(await StartAsync(Options(TemporaryFolder()) with { Arguments = ["--chdir", project] }), environment);
    }

    [Theory]
    [InlineData("")]
    [InlineData("where.py")]
    [InlineData("where.py:application")]
    public async Task VirtualEnvironment_BesideTheTarget_IsUsed(string inProject)
    {
        string project = await ProjectAsync();
        string environment = await CreateEnvironmentAsync(Path.Combine(project, ".venv"));
        string elsewhere = TemporaryFolder();
        await CreateEnvironmentAsync(Path.Combine(elsewhere, ".venv"));
        File.Copy(Path.Combine(project, "where.py"), Path.Combine(project, "app.py"));
        await AssertRunsInAsync(await StartAsync(Options(elsewhere) with { Target = Path.Combine(project, inProject) }), environment);
    }

    [Fact]
    public async Task VirtualEnvironment_Active_ComesBeforeOneInTheFolder()
    {
        string project = await ProjectAsync();
        await CreateEnvironmentAsync(Path.Combine(project, ".venv"));
        string active = await CreateEnvironmentAsync(Path.Combine(TemporaryFolder(), "active"));
        DarterServer server = await StartAsync(Options(project) with { Environment = new Dictionary<string, string?> { ["VIRTUAL_ENV"] = active } });
        await AssertRunsInAsync(server, active);
    }

    [Theory]
    [InlineData("bin/python")]
    [InlineData("./bin/python3")]
    public async Task Interpreter_NamedByARelativePath_ComesBeforeAllOthers(string path)
    {
        string project = await ProjectAsync();
        await CreateEnvironmentAsync(Path.Combine(project, ".venv"));
        string environment = await CreateEnvironmentAsync(Path.Combine(TemporaryFolder(), "named"));
        DarterServer server = await StartAsync(Options(environment) with
        {
            Arguments = ["--python", path, "--chdir", project],
            Environment = new Dictionary<string, string?> { ["VIRTUAL_ENV"] = Path.Combine(project, ".venv") },
        });
        await AssertRunsInAsync(server, environment);
    }

    [Fact]
    public async Task Interpreter_NamedWithoutAPath_IsFoundOnThePath()
    {
        string project = await ProjectAsync();
        string environment = await CreateEnvironmentAsync(Path.Combine(project, "env"));
        DarterServer server = await StartAsync(Options(project) with
        {
            Arguments = ["--python", "python3"],
            Environment = new Dictionary<string, string?> { ["PATH"] = Path.Combine(environment, "bin") },
        });
        await AssertRunsInAsync(server, environment);
    }

    [Fact]
    public async Task Interpreter_NotNamed_IsPython3OfThePath()
    {
        string project = await ProjectAsync();
        string environment = await CreateEnvironmentAsync(Path.Combine(project, "env"));
        DarterServer server = await StartAsync(
            Options(project) with { Environment = new Dictionary<string, string?> { ["PATH"] = $"/nowhere:{Path.Combine(environment, "bin")}" } });
        await AssertRunsInAsync(server, environment);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("./missing")]
    [InlineData("./where.py")]
    [InlineData(".")]
    public async Task Interpreter_ThatIsNone_EndsWithStatus1(string python)
    {
        DarterServer server = Launch(Options(await ProjectAsync()) with { Arguments = ["--python", python] });
        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Equal([$"darter: --python: '{python}' is not an executable file"], server.Log.Lines());
    }

    [Fact]
    public async Task Interpreter_NowhereToBeFound_EndsWithStatus1()
    {
        DarterServer server = Launch(Options(await ProjectAsync()) with { Environment = new Dictionary<string, string?> { ["PATH"] = "/nowhere" } });
        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Contains("--python", Assert.Single(server.Log.Lines()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#!/bin/sh\nexit 4\n", "(exit status 4)")]
    [InlineData("#!/no/such/program\n", "No such file or directory")]
    [InlineData("\u007fELF no program", "Exec format error")]
    public async Task Interpreter_ThatIsNoPython_EndsWithStatus3AndSaysSo(string content, string reason)
    {
        string project = await ProjectAsync();
        string program = Path.Combine(project, "program");
        await File.WriteAllTextAsync(program, content, Cancellation);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        DarterServer server = Launch(Options(project) with { Arguments = ["--python", program] });
        Assert.Equal(3, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        string line = Assert.Single(server.Log.Lines(), line => line.Contains(reason, StringComparison.Ordinal));
        Assert.Contains($"'{program}'", line, StringComparison.Ordinal);
        Assert.Contains("--python", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Log.Text, StringComparison.Ordinal);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // The tests name the interpreter themselves, or have it found.
    private static DarterServerOptions Options(string folder) => new() { Target = "where", WorkingDirectory = folder, NamePython = false };

    private static async Task<string> CreateEnvironmentAsync(string path, PythonInterpreter? python = null)
    {
        CommandResult result = await Command.RunAsync((python ?? PythonInterpreters.Default).Path, ["-m", "venv", "--without-pip", path]);
        Assert.SkipWhen(result.ExitCode != 0 && result.All.Contains("No module named", StringComparison.Ordinal), "This interpreter has no module venv.");
        Assert.True(result.ExitCode == 0, result.All);
        string packages = Assert.Single(Directory.GetDirectories(Path.Combine(path, "lib"), "python3*"));
        await File.WriteAllTextAsync(Path.Combine(packages, "site-packages", "installed.py"), $"PLACE = {JsonSerializer.Serialize(path)}\n", Cancellation);
        return path;
    }

    private static async Task AssertRunsInAsync(DarterServer server, string environment)
    {
        JsonElement where = (await RawConnection.ExchangeAsync(server.Address, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")).Json;
        Assert.Equal(environment, where.GetProperty("prefix").GetString());
        Assert.Equal(environment, where.GetProperty("installed").GetString());
    }

    private async Task<string> ProjectAsync()
    {
        string folder = TemporaryFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder, "where.py"),
            """
            import json, sys
            import installed

            def application(environ, start_response):
                start_response("200 OK", [("Content-Type", "application/json")])
                return [json.dumps({"prefix": sys.prefix, "installed": installed.PLACE}).encode()]
            """,
            Cancellation);
        return folder;
    }
}
