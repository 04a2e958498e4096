using Darter.Cli.Settings;

namespace Darter.Cli.Tests;

/// <summary>darter.toml and pyproject.toml.</summary>
public class TomlFileTests
{
    private const string Ours = """
        target = "shop.wsgi:application"
        bind = ["127.0.0.1:8001", 'unix:run/shop.sock']
        workers = 3
        keep-alive = "2m"
        limit_request_body = "1KiB"
        ws_per_message_deflate = false
        loglevel = "WARNING"
        """;

    public static TheoryData<string, string, int> Files => new()
    {
        { "darter.toml", Ours, 1 },
        { "pyproject.toml", $"[project]\nname = \"shop\"\n[tool.darter]\n{Ours}\n[tool.other]\nworkers = 9\n", 4 },
        { "pyproject.toml", $"[tool]\ndarter.{Ours.Replace("\n", "\ndarter.", StringComparison.Ordinal)}", 2 },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task File_InTheCurrentFolder_IsTakenWithItsLines(string name, string text, int first)
    {
        using SettingsFixture fixture = new();
        fixture.Write(name, text);
        LoadedConfig loaded = await fixture.LoadAsync();
        Assert.Empty(loaded.Errors);
        Assert.Equal(Path.Combine(fixture.Folder.FullName, name), loaded.File!.Location);
        Assert.Equal(
            [
                ("target", "shop.wsgi:application", $"{name}:{first}"),
                ("config", name, "default"),
                ("bind", $"127.0.0.1:8001|unix:{fixture.Folder.FullName}/run/shop.sock", $"{name}:{first + 1}"),
                ("keep_alive", "120", $"{name}:{first + 3}"),
                ("limit_request_body", "1024", $"{name}:{first + 4}"),
                ("workers", "3", $"{name}:{first + 2}"),
                ("ws_per_message_deflate", "false", $"{name}:{first + 5}"),
                ("log_level", "warning", $"{name}:{first + 6}"),
            ],
            loaded.Settings
                .Where(setting => setting.Origin.Source == SettingSource.File || setting.Name == "config")
                .Select(setting => (setting.Name, string.Join('|', setting.Values), setting.Origin.ToString())));
    }

    [Theory]
    [InlineData("a", "darter.toml")]
    [InlineData("b", "pyproject.toml")]
    [InlineData("c", "gunicorn.conf.py")]
    [InlineData("d", null)]
    public async Task Files_InOneFolder_AreTakenInOrder(string folder, string? expected)
    {
        using SettingsFixture fixture = new();
        string[] names = ["darter.toml", "pyproject.toml", "gunicorn.conf.py"];
        foreach ((int number, string name) in names.Index())
        {
            if (number >= folder[0] - 'a')
            {
                fixture.Write($"{folder}/{name}", name == "pyproject.toml" ? "[tool.darter]\nworkers = 2\n" : "workers = 2\n");
            }
        }

        // One of another tool alone does not count.
        Directory.CreateDirectory(Path.Combine(fixture.Folder.FullName, folder));
        if (folder is "c" or "d")
        {
            fixture.Write($"{folder}/pyproject.toml", "[tool.black]\nworkers = 'darter'\n");
        }

        LoadedConfig loaded = await fixture.LoadAsync("--chdir", folder);
        Assert.Empty(loaded.Errors);
        Assert.Equal(expected, loaded.File?.Display);
    }

    [Theory]
    [InlineData("workers = many", "c.toml:1: ")]
    [InlineData("workers = 1\nworkers = 2", "c.toml:2: ")]
    [InlineData("tls = 5", "c.toml:1: tls: must be a table, not 5")]
    [InlineData("[[apps]]\ntarget = 'x'", "c.toml:1: apps: must be tables, [apps.NAME], not a list")]
    [InlineData("[route]\nx = 1", "c.toml:1: there is no table [route]; did you mean [routes]?")]
    [InlineData("keepalive = 5\nkeep_alive = 5", "c.toml:2: keep_alive: is set at line 1 already, as keepalive")]
    [InlineData("[server]\nworkers = 1", "c.toml:1: there is no table [server]")]
    [InlineData("\nworkes = 1", "c.toml:2: workes: there is no such setting; did you mean workers?")]
    [InlineData("Workers = 1", "c.toml:1: Workers: there is no such setting; did you mean workers?")]
    [InlineData("workers = [1, 2]", "c.toml:1: workers: takes one value, not [1, 2]")]
    [InlineData("workers = true", "c.toml:1: workers: must be a whole number, not true")]
    [InlineData("workers = { n = 1 }", "c.toml:1: workers: takes one value, not [n=1]")]
    [InlineData("interface = 'rsgi'", "c.toml:1: interface: must be auto, wsgi, asgi or tornado, not 'rsgi'")]
    [InlineData("ssl_version = 3", "c.toml:1: ssl_version: TLS 1.2 and 1.3 are spoken")]
    [InlineData("chdir = 'nowhere'", "c.toml:1: chdir: there is no folder '")]
    [InlineData("target = 5", "c.toml:1: target: must be text")]
    [InlineData("bind = ['a:b:c']", "c.toml:1: bind: ")]
    [InlineData("post_fork = 'x'", "c.toml:1: post_fork: hooks are functions of a gunicorn.conf.py")]
    public async Task File_WithMistakes_IsReportedWithTheLine(string text, string expected)
    {
        using SettingsFixture fixture = new();
        fixture.Write("c.toml", text);
        LoadedConfig loaded = await fixture.LoadAsync("-c", "c.toml");
        Assert.Null(loaded.Config);
        Assert.StartsWith(expected, Assert.Single(loaded.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_OfAnotherFolder_HasItsPathsFromThere()
    {
        using SettingsFixture fixture = new();
        fixture.Write("site/app/x.txt", "");
        fixture.Write("site/darter.toml", "chdir = 'app'\nbind = 'unix:s'\n");
        LoadedConfig loaded = await fixture.LoadAsync("-c", "site/darter.toml");
        Assert.Empty(loaded.Errors);
        Assert.Equal(Path.Combine(fixture.Folder.FullName, "site", "app"), loaded.Config!.Workers.WorkingDirectory);
        Assert.Equal($"unix:{fixture.Folder.FullName}/site/s", Assert.Single(loaded.Config.Server.Binds).Text);
    }

    [Fact]
    public async Task Flags_WithPaths_HaveThemFromTheApplicationsFolderOn()
    {
        using SettingsFixture fixture = new();
        fixture.Write("app/x.txt", "");
        LoadedConfig loaded = await fixture.LoadAsync("--chdir", "app", "-b", "unix:s");
        Assert.Empty(loaded.Errors);
        Assert.Equal(Path.Combine(fixture.Folder.FullName, "app"), loaded.Config!.Workers.WorkingDirectory);
        Assert.Equal($"unix:{fixture.Folder.FullName}/app/s", Assert.Single(loaded.Config.Server.Binds).Text);
    }

    [Theory]
    [InlineData("nowhere.toml")]
    [InlineData("nowhere.py")]
    [InlineData("file:nowhere.py")]
    public async Task File_ThatIsNotThere_IsReported(string name)
    {
        using SettingsFixture fixture = new();
        Assert.Contains("nowhere", Assert.Single((await fixture.LoadAsync("-c", name)).Errors), StringComparison.Ordinal);
    }
}
