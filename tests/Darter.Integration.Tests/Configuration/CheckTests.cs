using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Configuration;

/// <summary><c>darter check</c>, <c>--check-config</c> and <c>--print-config</c>.</summary>
public sealed class CheckTests(ServerPool pool) : ServerTest(pool)
{
    public static TheoryData<string> Pythons => Rows.OfPythons;

    [Fact]
    public async Task Check_Settings_ArePrintedAlignedWithTheirOrigins()
    {
        string folder = await FolderAsync(("gunicorn.conf.py", "print('noise')\nthreads = 3\n"));
        CommandResult result = await CheckAsync(folder, ["shop:app", "-w4"], ("DARTER_BACKLOG", "100"), ("GUNICORN_CMD_ARGS", "--graceful-timeout 7"));
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("noise", result.Errors.TrimEnd());
        string[] lines = result.Output.TrimEnd().Split('\n');
        int origin = lines[0].IndexOf("TARGET", StringComparison.Ordinal);

        // A value that does not fit has its line to itself.
        string[] tooLong = [.. lines.Where(line => line.Length > origin - 2 && line[(origin - 2)..origin] != "  ")];
        Assert.Contains(tooLong, line => line.StartsWith("access_logformat ", StringComparison.Ordinal));
        Assert.All(lines.Except(tooLong), line => Assert.NotEqual(' ', line[origin]));
        Assert.All(tooLong, line => Assert.Equal(new string(' ', origin), lines[Array.IndexOf(lines, line) + 1][..origin]));
        Assert.Equal(
            ["shop:app TARGET", "gunicorn.conf.py default", "100 DARTER_BACKLOG", "4 -w", "3 gunicorn.conf.py:2", "7 GUNICORN_CMD_ARGS", "info default"],
            new[] { "target", "config", "backlog", "workers", "threads", "graceful_timeout", "log_level" }
                .Select(name => string.Join(' ', lines.Single(line => line.StartsWith($"{name} ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..])));
    }

    [Fact]
    public async Task Check_Json_HasValuesOfTheirTypes()
    {
        string folder = await FolderAsync(("darter.toml", "bind = ['127.0.0.1:1', '127.0.0.1:2']\n\nworker_class = 'asgi'\n"));
        CommandResult result = await CheckAsync(folder, ["--json", "--keep-alive", "2.5"]);
        Assert.Equal(0, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        JsonElement settings = document.RootElement.GetProperty("settings");
        Assert.Equal(Path.Combine(folder, "darter.toml"), document.RootElement.GetProperty("config_file").GetString());
        Assert.Equal("[\"127.0.0.1:1\",\"127.0.0.1:2\"]", JsonSerializer.Serialize(settings.GetProperty("bind").GetProperty("value")));
        Assert.Equal(("darter.toml", 1), (settings.GetProperty("bind").GetProperty("from").GetString(), settings.GetProperty("bind").GetProperty("line").GetInt32()));
        Assert.Equal(2.5, settings.GetProperty("keep_alive").GetProperty("value").GetDouble());
        Assert.Equal("--keep-alive", settings.GetProperty("keep_alive").GetProperty("from").GetString());
        Assert.Equal(("asgi", 3), (settings.GetProperty("interface").GetProperty("value").GetString(), settings.GetProperty("interface").GetProperty("line").GetInt32()));
        Assert.Equal(JsonValueKind.True, settings.GetProperty("ws_per_message_deflate").GetProperty("value").ValueKind);
        Assert.Equal(JsonValueKind.Null, settings.GetProperty("chdir").GetProperty("value").ValueKind);
        Assert.Equal("darter.toml:3: worker_class: 'asgi': the interface is ASGI", Assert.Single(document.RootElement.GetProperty("notices").EnumerateArray()).GetString());
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--log-level=info")]
    public async Task Check_PasswordOfTheHubsRedis_IsNotShown(string option)
    {
        CommandResult result = await CheckAsync(await FolderAsync(), ["shop:app", option], ("DARTER_HUB", "rediss://shop:kept-quiet@localhost/1"));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("rediss://shop:***@localhost:6379/1", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("kept-quiet", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--json", "\"value\": \"\\*\\*\\*\"")]
    [InlineData("--log-level=info", "hub_key +\\*\\*\\* +DARTER_HUB_KEY")]
    public async Task Check_SecretOfTheHub_IsNotShown(string option, string shown)
    {
        CommandResult result = await CheckAsync(await FolderAsync(), ["shop:app", option], ("DARTER_HUB_KEY", "kept-quiet"));
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(shown, result.Output);
        Assert.DoesNotContain("kept-quiet", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("run")]
    public async Task Mistakes_OfAllSources_AreReportedOnStandardErrorWithStatus1(string command)
    {
        string folder = await FolderAsync(("gunicorn.conf.py", "print('noise')\nworkers = 0\nthreads = 'x'\n"));
        CommandResult result = await Command.RunAsync(
            RepositoryPaths.Executable, [command, "--backlg", "3", "--python", PythonInterpreters.Default.Path], folder, Environment(("DARTER_LOOPS", "0")));
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Equal(
            [
                "darter: DARTER_LOOPS: must be at least 1, not 0",
                "darter: gunicorn.conf.py:2: workers: must be at least 1, not 0",
                "darter: gunicorn.conf.py:3: threads: must be a whole number, not 'x'",
                "darter: there is no option '--backlg'; did you mean --backlog?",
                "noise",
            ],
            result.Errors.TrimEnd().Split('\n').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Help_OfBothCommands_HasOptionsButNotWhatIsRefused()
    {
        foreach (string command in (string[])["run", "check"])
        {
            CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, [command, "--help"]);
            Assert.Equal(0, result.ExitCode);
            Assert.Contains("-c, --config <FILE>", result.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("--ssl-version", result.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("--worker-class", result.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task CheckConfig_ApplicationThatLoads_EndsWithStatus0(string python)
    {
        string folder = await FolderAsync(("shop.py", "def app(environ, start_response): pass"), ("gunicorn.conf.py", "check_config = True\nbind = '127.0.0.1:1'\n"));
        CommandResult result = await RunAsync(folder, ["shop:app", "--python", PythonInterpreters.Get(python).Path]);
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("127.0.0.1:1", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckConfig_PublishBindOfServerThatRuns_IsLeftAlone()
    {
        using TcpListener running = new(IPAddress.Loopback, 0);
        running.Start();
        string folder = await FolderAsync(("shop.py", "def app(environ, start_response): pass"));
        CommandResult result = await RunAsync(
            folder, ["shop:app", "--check-config", "--publish-bind", $"{running.LocalEndpoint}", "--python", PythonInterpreters.Default.Path]);
        Assert.Equal((0, ""), (result.ExitCode, result.Output));
    }

    [Theory]
    [InlineData("--check-config")]
    [InlineData("--print-config")]
    public async Task CheckConfig_ApplicationThatDoesNotLoad_EndsWithStatus3(string option)
    {
        string folder = await FolderAsync(("shop.py", "1 / 0"));
        CommandResult result = await RunAsync(folder, ["shop:app", option, "--python", PythonInterpreters.Default.Path]);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("ZeroDivisionError", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckConfig_WrongSettings_EndWithStatus1()
    {
        string folder = await FolderAsync(("shop.py", "1 / 0"));
        Assert.Equal(1, (await RunAsync(folder, ["shop:app", "--check-config", "-w0"])).ExitCode);
    }

    [Fact]
    public async Task PrintConfig_Settings_ArePrinted()
    {
        string folder = await FolderAsync(("shop.py", "def app(environ, start_response): pass"));
        CommandResult result = await RunAsync(folder, ["shop:app", "--print-config", "-w3", "--python", PythonInterpreters.Default.Path]);
        Assert.Equal(0, result.ExitCode);
        Assert.Matches("(?m)^workers +3 +-w$", result.Output);
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

    private static Dictionary<string, string?> Environment(params (string Name, string Value)[] variables) =>
        variables.ToDictionary(variable => variable.Name, variable => (string?)variable.Value);

    private static Task<CommandResult> CheckAsync(string folder, string[] arguments, params (string Name, string Value)[] variables) =>
        Command.RunAsync(RepositoryPaths.Executable, ["check", .. arguments, "--python", PythonInterpreters.Default.Path], folder, Environment(variables));

    private static Task<CommandResult> RunAsync(string folder, string[] arguments) =>
        Command.RunAsync(RepositoryPaths.Executable, ["run", .. arguments], folder);
}
