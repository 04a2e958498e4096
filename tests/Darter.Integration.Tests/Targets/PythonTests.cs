using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Targets;

/// <summary>Which interpreter runs the application.</summary>
public class PythonTests(ServerPool pool) : ServerTest(pool)
{
    private const string Application =
        """
        import json, os, sys

        def app(environ, start_response):
            body = json.dumps({"prefix": sys.prefix, "base": sys.base_prefix, "version": "%d.%d.%d" % sys.version_info[:3],
                               "folder": os.getcwd(), "argv": sys.argv}).encode()
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        """;

    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Python_NamedOnTheCommandLine_RunsTheApplication(string python)
    {
        JsonElement answer = await AskAsync(new DarterServerOptions { Target = CreateApplication(), Python = PythonInterpreters.Get(python) });
        Assert.Equal(PythonInterpreters.Get(python).Version.ToString(), answer.GetProperty("version").GetString());
    }

    [Fact]
    public async Task VirtualEnvironment_Active_RunsTheApplication()
    {
        string venv = await CreateVenvAsync(Path.Combine(TemporaryFolder(), "environment"));
        JsonElement answer = await AskAsync(new DarterServerOptions
        {
            Target = CreateApplication(),
            NamePython = false,
            Environment = new Dictionary<string, string?> { ["VIRTUAL_ENV"] = venv },
        });
        Assert.Equal(venv, answer.GetProperty("prefix").GetString());
        Assert.NotEqual(venv, answer.GetProperty("base").GetString());
    }

    [Fact]
    public async Task VirtualEnvironment_BesideTheApplication_RunsTheApplication()
    {
        string target = CreateApplication();
        string folder = Path.GetDirectoryName(target)!;
        string venv = await CreateVenvAsync(Path.Combine(folder, ".venv"));
        JsonElement answer = await AskAsync(new DarterServerOptions { Target = "app", NamePython = false, Arguments = ["--chdir", folder] });
        Assert.Equal(venv, answer.GetProperty("prefix").GetString());
    }

    [Fact]
    public async Task VirtualEnvironment_NamedOnTheCommandLine_RunsTheApplication()
    {
        string venv = await CreateVenvAsync(Path.Combine(TemporaryFolder(), "environment"));
        JsonElement answer = await AskAsync(new DarterServerOptions
        {
            Target = CreateApplication(),
            NamePython = false,
            Arguments = ["--python", Path.Combine(venv, "bin", "python3")],
        });
        Assert.Equal(venv, answer.GetProperty("prefix").GetString());
    }

    [Fact]
    public async Task Folder_OfTheApplication_IsItsWorkingFolder()
    {
        string folder = Path.GetDirectoryName(CreateApplication())!;
        JsonElement answer = await AskAsync(new DarterServerOptions { Target = "app", Arguments = ["--chdir", folder] });
        Assert.Equal(folder, answer.GetProperty("folder").GetString());
    }

    private string CreateApplication()
    {
        string path = Path.Combine(TemporaryFolder(), "app.py");
        File.WriteAllText(path, Application);
        return path;
    }

    private static async Task<string> CreateVenvAsync(string path)
    {
        CommandResult result = await Command.RunAsync(PythonInterpreters.All[^1].Path, ["-m", "venv", "--without-pip", path]);
        Assert.True(result.ExitCode == 0, result.All);
        return path;
    }

    private async Task<JsonElement> AskAsync(DarterServerOptions options)
    {
        DarterServer server = await StartAsync(options);
        return (await RawConnection.ExchangeAsync(server.Address, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")).Json;
    }
}
