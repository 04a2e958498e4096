using System.Text.Json;

namespace Darter.Integration.Tests.Service;

/// <summary>What the processes have: environment, module path, names, and the line that says which interpreter they are.</summary>
public class ProcessTests(ServerPool pool) : ServiceTest(pool)
{
    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Fact]
    public async Task Env_GivenTwice_IsInTheWorkersOnly()
    {
        DarterServer server = await StartAsync(Options("-e", "FIRST=1=2", "--env", "SECOND=") with
        {
            Environment = new Dictionary<string, string?> { ["FIRST"] = "of the front" },
        });
        JsonElement environment = (await AskAsync(server.Address)).GetProperty("environment");
        Assert.Equal("1=2", environment.GetProperty("FIRST").GetString());
        Assert.Equal("", environment.GetProperty("SECOND").GetString());
        Assert.Contains("FIRST=of the front\0", await File.ReadAllTextAsync($"/proc/{server.Pid}/environ", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PythonPath_WithSeveralFolders_ComesBeforeAllOthers()
    {
        string folder = TemporaryFolder();
        DarterServer server = await StartAsync(Options("--pythonpath", "one,/two", "--pythonpath", "three", "--chdir", folder));
        string?[] path = [.. (await AskAsync(server.Address)).GetProperty("path").EnumerateArray().Select(entry => entry.GetString())];
        Assert.Equal([Path.Combine(folder, "three"), "/two", Path.Combine(folder, "one")], path.Where(entry => entry!.EndsWith("three", StringComparison.Ordinal) || entry.EndsWith("two", StringComparison.Ordinal) || entry.EndsWith("one", StringComparison.Ordinal)));
        Assert.True(Array.IndexOf(path, folder) > Array.IndexOf(path, Path.Combine(folder, "one")));
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task ProcName_Given_IsSeenInTheListOfProcesses(string python)
    {
        DarterServer server = await StartAsync(Options("--proc-name", "shop") with { Python = PythonInterpreters.Get(python) });
        Assert.Equal("darter: front [shop]", CommandLine(server.Pid));
        int worker = Assert.Single(server.Workers);
        await Wait.Until(() => CommandLine(worker) == "darter: worker [shop]", () => CommandLine(worker));
        Assert.Equal("shop", (await File.ReadAllTextAsync($"/proc/{server.Pid}/comm", Cancellation)).Trim());
        Assert.Equal("shop", (await File.ReadAllTextAsync($"/proc/{worker}/comm", Cancellation)).Trim());
        await AskAsync(server.Address);
    }

    [Theory]
    [InlineData("--python", "(--python)")]
    [InlineData("VIRTUAL_ENV", "($VIRTUAL_ENV)")]
    [InlineData(".venv", "(.venv beside the application)")]
    [InlineData("PATH", "(python3 on PATH)")]
    public async Task StartLine_OfAnInterpreter_SaysWhyItIsTheOne(string way, string expected)
    {
        string project = TemporaryFolder();
        string environment = Path.Combine(project, way == ".venv" ? ".venv" : "env");
        Directory.CreateDirectory(Path.Combine(environment, "bin"));
        string python = Path.Combine(environment, "bin", way == "PATH" ? "python3" : "python");
        File.CreateSymbolicLink(python, PythonInterpreters.Default.Path);
        File.Copy(App("whoami"), Path.Combine(project, "app.py"));
        DarterServer server = await StartAsync(Options(way == "--python" ? ["--python", python] : []) with
        {
            Target = Path.Combine(project, "app.py"),
            NamePython = false,
            Environment = way switch
            {
                "VIRTUAL_ENV" => new Dictionary<string, string?> { ["VIRTUAL_ENV"] = environment },
                "PATH" => new Dictionary<string, string?> { ["PATH"] = Path.Combine(environment, "bin") },
                _ => new Dictionary<string, string?>(),
            },
        });
        string line = await server.Log.WaitForAsync("Starting darter");
        Assert.EndsWith($"interpreter: {python} {expected}", line, StringComparison.Ordinal);
    }

    private static string CommandLine(int process) => File.ReadAllText($"/proc/{process}/cmdline").TrimEnd('\0').Replace('\0', ' ');
}
